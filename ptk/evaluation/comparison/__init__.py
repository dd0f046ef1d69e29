"""Several weights on the same held-out pairs: one table for each thing that they can be asked, with intervals."""
