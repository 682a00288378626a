"""What inference engines need of a constraint: bitmasks, a cursor, and its laws."""
