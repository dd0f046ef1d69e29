"""What the generator is told, as planes."""
