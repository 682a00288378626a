"""Changes of an index: facts added and removed, laid over the arrays on disk."""
