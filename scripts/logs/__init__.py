"""Invented event logs with questions, to train the program writer on."""
