"""The commands about runs and question sets."""
