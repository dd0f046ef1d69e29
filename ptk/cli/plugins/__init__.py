"""``ptk plugins``: a verb with verbs of its own."""
