"""Pictures that are no photos: the style they are in, the way back to a photo, and what a result says of it."""
