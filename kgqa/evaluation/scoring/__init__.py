"""How answers are scored: the strict definition and published ones, and the check of chains."""
