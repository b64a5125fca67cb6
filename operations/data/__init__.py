"""`taskflow data`: what infrastructure holds of one person, and when it ends after a deletion."""
