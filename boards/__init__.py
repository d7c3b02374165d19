"""Boards with their members, columns, cards and comments."""
