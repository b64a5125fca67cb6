"""The Pulumi CLI of the sandbox: found, installed or built."""
