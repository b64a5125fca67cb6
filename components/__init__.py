"""Reusable components of a production environment: each takes settings and typed outputs, and returns typed outputs."""
