"""Runs killed at random moments, then one that ends: the folder of an uninterrupted run, byte for byte."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image
from skimage import data

pytestmark = pytest.mark.slow

PORTRAIT = Image.fromarray(data.astronaut()[:300, 80:380])
PHOTOS = 60


def command(photos: Path, out: Path) -> list[str]:
    options = ["--size", "64", "--styles", "sketch", "--workers", "2"]
    return [sys.executable, "-m", "ptk", "prepare", str(photos), "--out", str(out), *options]


def lines(out: Path) -> int:
    """How many files the journal says are done."""
    journal = out / "sources.jsonl.part"
    return sum(len(line) > 1 for line in journal.read_bytes().split(b"\n")) if journal.exists() else 0


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_killed_runs_and_one_more_make_what_one_run_makes(tmp_path: Path) -> None:
    photos, out, whole = tmp_path / "photos", tmp_path / "set", tmp_path / "whole"
    photos.mkdir()
    for number in range(PHOTOS):
        PORTRAIT.rotate(number - PHOTOS // 2, Image.Resampling.BICUBIC).save(photos / f"p{number // 2:02}_{number}.jpg")
    (photos / "p99_cut.jpg").write_bytes((photos / "p00_0.jpg").read_bytes()[:3000])
    subprocess.run(command(photos, whole), check=True, capture_output=True)
    chance = random.Random(1)
    killed = 0
    for _ in range(10):
        run = subprocess.Popen(command(photos, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        before, wait_for = lines(out), chance.choice((0, 1, 1, 2, 3))
        while run.poll() is None and lines(out) < before + wait_for:
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.1))
        run.kill()
        if run.wait() != -signal.SIGKILL:
            break  # a quick machine had done the rest before
        killed += 1
    if not killed:
        pytest.skip("every run was over before it was killed")
    subprocess.run(command(photos, out), check=True, capture_output=True)
    assert content(out) == content(whole)
