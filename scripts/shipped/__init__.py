"""The scripts that train the shipped model: its question sets and derived questions."""
