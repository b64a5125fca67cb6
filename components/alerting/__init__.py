"""Alarms, the topics and channels that carry them to people, and the dashboard. Imports any other tier."""
