"""Optimisers: how a side's parameters follow their gradients."""
