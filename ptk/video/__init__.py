"""Faces that move: frames between expressions, and pictures in a row written as a film."""
