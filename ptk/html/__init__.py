"""Pages to look at: one HTML file, no script, nothing from the network."""
