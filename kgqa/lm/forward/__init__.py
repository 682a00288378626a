"""Forward passes over many texts at once: token trees, rows, key-value caches."""
