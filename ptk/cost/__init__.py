"""What a training step takes: memory, time, and what would make it fit."""
