"""Cutover to a restored database."""
