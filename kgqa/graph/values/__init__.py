"""Values of literals."""
