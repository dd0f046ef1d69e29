"""Batches to train on from a data set, in memory or streamed."""
