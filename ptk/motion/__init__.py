"""Where pixels come from when landmarks move: geometry alone, on numpy arrays and torch tensors alike."""
