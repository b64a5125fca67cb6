"""Buckets and their replication, the job queue and the image registry."""
