"""Reusable parts of a production environment: settings and neighbours' outputs in, typed outputs out."""
