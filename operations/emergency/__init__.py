"""Emergency access: the break-glass role in a shell, and the review of what was done. Section: Emergency Access."""
