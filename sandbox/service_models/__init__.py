"""AWS's own models of its APIs, as botocore publishes them, held against what is planned."""
