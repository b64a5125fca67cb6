"""The database's roles and logins: created by `db bootstrap`, rotated by `db rotate`."""
