"""Answers from programs: their ranking and their vote."""
