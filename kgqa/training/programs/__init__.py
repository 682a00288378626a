"""Training of the program writer: from questions with programs to weights."""
