"""What files of images hold: formats, and pixels on their way to RGB of 8 bits."""
