"""The Pulumi CLI that runs the sandbox: found, installed or built."""
