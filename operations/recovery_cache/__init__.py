"""Restores the cache from one of its snapshots: `cache restore`."""
