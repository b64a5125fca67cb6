"""Deployments of a merge: a plan that is saved and approved, the `up` of that plan, and drift."""
