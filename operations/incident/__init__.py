"""Incidents: declared, recorded line by line, and ended with a post-mortem. Section: Incident Response."""
