"""The recovery stack's switch of the origin's traffic, created after the service."""
