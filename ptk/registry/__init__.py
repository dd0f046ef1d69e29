"""The seam: hooks, parts, and the registry that finds them."""
