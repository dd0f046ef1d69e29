"""What `ptk bench --studio` finds: everybody served, by their own, and what goes wrong is counted."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ptk.studio
from ptk.bench.studio import StudioLoad, load_studio
from ptk.errors import PtkError

PORTRAIT = Path(ptk.studio.__file__).parent / "samples" / "sea.jpg"


@pytest.mark.slow
def test_everybody_is_served_their_own():
    told = []
    load = load_studio(PORTRAIT, clients=3, seconds=6, progress=told.append)
    said = load.plain()
    assert told == ["making photos", "opening photos", "editing"]
    assert said["errors"] == {}
    assert said["pictures of others"] == 0
    assert said["pictures checked"] >= 3
    assert said["answers"]["open"]["count"] == 3
    assert 50 < said["peak memory, MiB"] < 2048


def test_what_went_wrong_is_counted_beside_medians():
    load = StudioLoad(2, 5.0, {"live": [1.0, 3.0, 2.0]}, Counter({"503": 2}), foreign=1, checked=4)
    said = load.plain()
    assert said["answers"] == {"live": {"count": 3, "p50": 2.0, "p95": pytest.approx(np.percentile([1, 2, 3], 95))}}
    assert said["errors"] == {"503": 2}
    assert said["pictures of others"] == 1


@pytest.mark.parametrize("clients", [0, 10_000])
def test_more_clients_than_tints_are_refused(tmp_path, clients):
    Image.new("RGB", (8, 8)).save(tmp_path / "me.png")
    with pytest.raises(PtkError, match=rf"`clients` {clients}: there are tints for 1 to \d+"):
        load_studio(tmp_path / "me.png", clients, 1)
