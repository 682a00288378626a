"""Runs: every question of a set is asked, whatever happens, and its record kept."""
