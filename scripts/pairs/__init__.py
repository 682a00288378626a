"""The minimal pairs: how their source is read and written as questions."""
