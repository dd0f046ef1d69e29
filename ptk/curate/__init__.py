"""Data sets checked, fixed, joined and shown."""
