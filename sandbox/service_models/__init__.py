"""The check of planned inputs against AWS's models of its APIs, as botocore publishes them."""
