"""The sections of the README that the rules belong to."""

ENVIRONMENT, NETWORK = "Environment", "Network"
DATA, SERVICE = "Data", "Service and edge"
ENCRYPTION, ACCESS, RECORDS = "Encryption", "Access", "Logs and records"
