"""Recovery of data: backups of the database, and instances that are restored from them beside it."""
