"""Documents made from the recorded states of both stacks: what the environment costs, looks like, and proves."""
