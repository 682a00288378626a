"""Training of the path writer, the model that ships."""
