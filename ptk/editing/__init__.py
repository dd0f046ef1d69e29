"""Editing photos with trained weights."""
