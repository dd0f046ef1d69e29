"""Layers of networks, by the fastest of torch's ways."""
