"""Training of the path writer, the small model that ships."""
