"""Synthetic people: parametric heads, painted, rendered by an offline renderer, with exact landmarks."""
