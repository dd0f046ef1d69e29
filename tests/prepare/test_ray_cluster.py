"""Which Ray cluster does the work."""

import os
import socket
import subprocess
import sys
from importlib.util import find_spec

import pytest

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="needs Ray: see the extra ray")

JOIN = "import ray; from ptk.prepare.ray_cluster import join_cluster; join_cluster(1); "
SAY = "print(ray.get_runtime_context().gcs_address, flush=True); "


def environment(**more: str) -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("RAY_")} | more


def run(code: str, **more: str) -> str:
    """What a new Python says, with the RAY_ variables `more` alone."""
    return subprocess.run(
        [sys.executable, "-c", code], env=environment(**more), capture_output=True, text=True, check=True
    ).stdout


def test_a_cluster_that_does_not_answer_is_named_in_a_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen: nobody else does there, either
        address = "{}:{}".format(*taken.getsockname())
        code = f"from ptk.errors import PtkError\ntry:\n    {JOIN}\nexcept PtkError as error:\n    print(error)"
        said = run(code, RAY_ADDRESS=address)
    assert said.startswith(f"no Ray cluster answers at {address} (")
    assert said.endswith("RAY_ADDRESS names it: unset it, or start the cluster again\n")


@pytest.mark.slow
def test_the_cluster_of_another_program_is_left_alone() -> None:
    """Found by its processes, as Ray's "auto" does, it would end in the middle of this one's work."""
    other = subprocess.Popen(
        [sys.executable, "-c", JOIN + SAY + "input()"],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with other:
        assert other.stdout is not None
        first = other.stdout.readline().strip()
        second = run(JOIN + SAY).strip()
        other.communicate("\n")
    assert first.startswith("127.0.0.1:")
    assert second.startswith("127.0.0.1:")
    assert second != first
