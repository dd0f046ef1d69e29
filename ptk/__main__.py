"""``python -m ptk``."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # older ones run this far, and fail with a page about something else
    sys.exit(f"ptk needs Python 3.11 or newer, this is {sys.version.split()[0]}: python3.11 -m ptk")

from ptk.cli.main import main

if __name__ == "__main__":
    main()
