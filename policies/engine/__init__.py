"""What the rules are made of: facts, the graph of a stack, expectations, exemptions, exported states."""
