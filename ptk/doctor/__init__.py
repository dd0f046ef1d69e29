"""What works on this machine, what is missing, what is broken, and how each is mended."""
