"""A plug-in package to start from: `ptk plugins new` writes one for every kind of part."""
