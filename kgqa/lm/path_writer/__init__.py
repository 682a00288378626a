"""The small model that ships: it reads a question and writes relation paths."""
