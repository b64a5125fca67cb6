"""`taskflow data`: what infrastructure holds of one person: exported, or proven to end after a deletion."""
