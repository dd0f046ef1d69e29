"""Styles, and how their pseudo-targets are made."""
