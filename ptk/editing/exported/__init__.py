"""Exported weights: networks that run without torch, how they are made and how they are called."""
