"""What every command shares: options, AWS's clients, confirmation, audit events, output, exit codes."""
