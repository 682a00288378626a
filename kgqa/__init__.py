"""kgqa."""
