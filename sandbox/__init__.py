"""The program without an AWS account: the real Pulumi engine with stand-ins for AWS. See README.md in this folder."""
