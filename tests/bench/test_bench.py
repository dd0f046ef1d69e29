"""What a benchmark says of given times: its rates and ratios are those of one round, never of the medians."""

import pytest
import torch

from ptk.bench import bench as module
from ptk.bench.bench import Variant, bench
from ptk.recipe.load import load_recipe

CPU = torch.device("cpu")
PRODUCT = 2 * 2048**3
"""FLOPs of the matrix product on a processor."""
TAKEN = {
    "step": [1.0, 2.0, 4.0],
    "against": [2.0, 8.0, 4.0],
    "edit": [0.5, 0.25, 0.75],
    "matmul": [0.125, 1.0, 0.5],
    "convolution": [0.5, 0.25, 0.125],
    "copy": [0.5, 0.25, 0.125],
}


def given_times(works, device, **_):
    """Does everything once; how long it took stands in TAKEN."""
    for work in works.values():
        work()
    return {name: TAKEN[name] for name in works}


@pytest.mark.slow
def test_rates_and_ratios_are_of_one_round(small_recipe, monkeypatch):
    monkeypatch.setattr(module, "in_turns", given_times)
    monkeypatch.setattr(module, "WARM_UP", 0)
    found = bench(load_recipe(small_recipe), CPU, torch.float32, against=Variant("naive"))
    assert found.against is not None
    assert found.faster is not None
    assert (found.step.seconds.median, found.against.seconds.median, found.edit.median) == (2, 4, 0.5)
    assert (found.faster.median, found.faster.count) == (2, 3)  # of 2, 4 and 1
    assert found.share.median == pytest.approx(found.step.flops / 8 / PRODUCT)  # of 1/8, 1/2 and 1/8
    assert found.ceilings.matmul == PRODUCT / 0.5
    assert found.waiting > 0
