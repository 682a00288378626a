"""What a run looks like: pages and tables for people."""
