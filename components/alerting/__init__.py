"""Alarms, their topics and channels, and the dashboard. Imports every other tier."""
