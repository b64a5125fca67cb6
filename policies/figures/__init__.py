"""The document's figures as the pack knows them, one module per chapter. They are read from nowhere else."""
