"""The recovery region: whether it can take over, taking over, and keeping production from writing meanwhile."""
