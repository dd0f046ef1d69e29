"""Observers: told what happens in training and editing."""
