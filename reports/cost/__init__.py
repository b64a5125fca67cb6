"""What the environment costs in a month: a price table, assumptions of usage, and what each resource is charged for."""
