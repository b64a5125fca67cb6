"""PostgreSQL, Redis and the backups of what the stack stores."""
