"""What is drawn of faces: their landmarks as spots, for networks, and their numbers, for people."""
