"""Verbs of data sets: ``ptk prepare`` makes one, ``ptk data`` checks, shows and joins them."""
