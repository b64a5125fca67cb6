"""Restores files of the API's users to how they were, by jobs of S3 that no person reads files for."""
