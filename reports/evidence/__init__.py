"""The auditor's folder: what the states of both stacks prove, as pages (`make evidence`)."""
