"""The format of data sets on disk: manifest, journal, shards, renderings, and the bundled sample."""
