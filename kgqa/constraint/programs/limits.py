"""How large the programs of the grammar are."""

MOST_CLAUSES = 6
"""Clauses of a program that are no steps."""
MOST_INNER_STEPS = 2
"""Steps of a program within another."""
MOST_INNER_CLAUSES = 3
"""Clauses of a program within another, its steps included."""
MOST_MENTIONED = 4
"""Up to so many topics are compared or combined."""
