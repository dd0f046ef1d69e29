"""How well weights edit people whom they never saw, beside doing nothing and bending the photo."""
