"""Says in a line which Python ptk needs, where pip would tell of a resolver; all else stands in pyproject.toml."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit("ptk needs Python 3.11 or newer, this is %s: python3.11 -m pip install ." % sys.version.split()[0])  # noqa: UP031

from setuptools import setup

setup()
