"""The stack's settings: one module per block of the document, and what reads, judges and describes them.

`load` is what the program calls. Nothing here imports a provider's SDK or a component, and nothing that hangs on a
stack is computed at import.
"""
