"""Rotations of secrets without an outage: `db rotate` and `cache rotate`."""
