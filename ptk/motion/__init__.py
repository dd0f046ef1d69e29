"""Where pixels come from when landmarks move: geometry alone, no network and no part; most of it without torch."""
