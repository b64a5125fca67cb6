"""The pictures of the architecture, drawn from the recorded states of both stacks."""
