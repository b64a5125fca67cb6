"""Which statement of the requirements document is met by what: the index, the rows, their evaluation, and the page."""
