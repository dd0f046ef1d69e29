"""Heads of others with photographic textures: read from glTF files, posed, rendered and listed in a data set."""
