"""What models learn from: questions with the relation paths that answer them."""
