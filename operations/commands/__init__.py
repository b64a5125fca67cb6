"""The commands as Typer sees them: names, options, help. What they do is imported when they run."""
