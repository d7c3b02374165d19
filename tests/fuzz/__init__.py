"""Frames that no honest client sends."""
