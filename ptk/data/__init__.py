"""Data sets: manifests, pairs, preparation."""
