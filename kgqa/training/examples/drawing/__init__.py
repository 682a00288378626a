"""Random programs over a graph."""
