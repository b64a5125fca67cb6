"""PostgreSQL, Redis and the backup plan."""
