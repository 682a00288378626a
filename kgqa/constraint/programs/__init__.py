"""The grammar of programs."""
