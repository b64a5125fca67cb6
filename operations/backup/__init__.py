"""Whether the backups are what the Backup Schedule requires, and the evidence that they can be restored."""
