"""Releases and rollbacks of the API. Sections: Deployment Commands, Deployment Checklist, Emergency Rollback."""
