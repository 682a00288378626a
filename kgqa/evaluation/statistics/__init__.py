"""Intervals, tests of significance, calibration, and the ceiling of a set of questions."""
