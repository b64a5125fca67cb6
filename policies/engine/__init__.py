"""How a rule reads a plan and reports: facts, the graph of a stack, rules, exemptions, exported states."""
