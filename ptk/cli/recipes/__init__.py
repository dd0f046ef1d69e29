"""``ptk recipes``: a verb with verbs of its own."""
