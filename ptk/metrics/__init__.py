"""Metrics: how near a result is to the true image."""
