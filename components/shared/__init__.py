"""Shared by every tier: names, IAM documents, encryption keys, secrets, log groups and metrics."""
