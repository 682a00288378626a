"""Runs: every question of a set gets a record, also if it fails."""
