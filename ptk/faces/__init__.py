"""Photos, landmarks, crops."""
