"""Files of people -> a data set."""
