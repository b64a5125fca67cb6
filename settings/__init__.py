"""The stack's settings: one module per block of the document; parsing, validation, errors, schema and reference.

The program calls `load`. Nothing here imports a provider's SDK or a component, and nothing that depends on a stack is
computed at import.
"""
