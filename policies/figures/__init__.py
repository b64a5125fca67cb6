"""The document's figures as the rules use them, one module per chapter.

The stack file and the conformance table have the same figures. None of the three imports another, so a change of one
alone fails.
"""
