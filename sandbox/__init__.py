"""The program with no AWS account: the real Pulumi engine over stand-ins for AWS. See README.md beside this file."""
