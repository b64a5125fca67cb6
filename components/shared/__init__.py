"""What every tier uses: names, IAM documents, encryption keys, secrets, log groups and metrics."""
