"""Verbs that hold several weights against each other."""
