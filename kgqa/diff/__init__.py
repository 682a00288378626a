"""What an edit of a graph changed: its facts, and the answers of questions."""
