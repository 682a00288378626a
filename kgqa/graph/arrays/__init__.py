"""Arrays in files: written, and mapped into memory."""
