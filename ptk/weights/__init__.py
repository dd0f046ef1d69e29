"""ptk's own weights, offered as those of a plug-in are, and their model card."""
