"""Smoke tests: requests from outside that show whether a stack serves its users. Section: Deployment Checklist."""
