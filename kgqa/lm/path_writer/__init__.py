"""The small model that ships: from a question to relation paths."""
