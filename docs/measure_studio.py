"""Measure how the studio's page keeps up with a hand: a mouth corner dragged, in a real browser.

Run it as ``python docs/measure_studio.py PHOTO`` with the extras studio and dev, and Chromium. The photo is scaled to
1, 12 and 48 megapixels. Latency is the time from each move of the pointer to the first picture that shows it, or a
later one; moves come 60 times a second.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

WATCH = """() => {
  const { model, renderer, view } = window.studio;
  const seen = (window.seen = { latencies: [], live: 0, whole: [], frames: 0, from: 0, released: 0 });
  let pending = [];
  model.addEventListener("change", ({ detail }) => {
    if (detail === "preview") pending.push([model.edit, performance.now()]);
    else seen.released = performance.now();
  });
  renderer.addEventListener("shown", ({ detail }) => requestAnimationFrame(() => {
    const now = performance.now();
    if (detail.kind === "whole" && seen.released) seen.whole.push(now - seen.released);
    if (detail.kind !== "live") return;
    seen.live += 1;
    const last = pending.findIndex(([edit]) => edit === detail.edit);
    for (const [, at] of pending.slice(0, last + 1)) seen.latencies.push(now - at);
    pending = pending.slice(last + 1);
  }));
  const count = () => { seen.frames += 1; requestAnimationFrame(count); };
  count();
}"""


def scale(photo: Path, megapixels: int, folder: Path) -> Path:
    """Write the photo at about so many megapixels as JPEG."""
    image = Image.open(photo).convert("RGB")
    factor = (megapixels * 1e6 / (image.width * image.height)) ** 0.5
    size = round(image.width * factor), round(image.height * factor)
    out = folder / f"{megapixels}mp.jpg"
    image.resize(size, Image.Resampling.LANCZOS).save(out, quality=90)
    return out


def drag(page: Any, seconds: float) -> None:
    """Drag a corner of the mouth to and fro."""
    dot = page.locator("#overlay .point[data-index='48'] .dot")
    box = dot.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    start = time.monotonic()
    step = 0
    while time.monotonic() - start < seconds:
        step += 1
        turn = step / 60 * 2 * np.pi / 1.5
        page.mouse.move(x - 7 + 7 * np.cos(turn), y - 5 * np.sin(turn))
        time.sleep(max(0.0, start + step / 60 - time.monotonic()))
    page.mouse.up()


def measure(photo: Path, chromium: str, seconds: float) -> dict[str, float]:
    """Open `photo` in a studio of its own, drag, and return what was seen."""
    command = [sys.executable, "-m", "ptk", "studio", "--no-browser", str(photo)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process,
        sync_playwright() as playwright,
    ):
        assert process.stdout is not None
        try:
            address = next(line for line in process.stdout if re.match(r"http://\S+#token=", line)).strip()
            flags = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
            browser = playwright.chromium.launch(executable_path=chromium, args=flags)
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            begun = time.monotonic()
            page.goto(address)
            page.wait_for_selector("body[data-ready=yes]", timeout=120_000)
            opened = time.monotonic() - begun
            drag(page, 2)  # warm
            page.wait_for_timeout(3000)
            page.evaluate(WATCH)
            drag(page, seconds)
            live, frames = page.evaluate("() => [window.seen.live, window.seen.frames]")
            page.wait_for_function("() => window.seen.whole.length > 0", timeout=120_000)
            seen = page.evaluate("() => window.seen")
            browser.close()
        finally:
            process.terminate()
    p50, p95 = np.percentile(seen["latencies"], [50, 95])
    return {
        "opened": opened,
        "p50": p50,
        "p95": p95,
        "rate": live / seconds,
        "frames": frames / seconds,
        "whole": seen["whole"][0],
    }


def main() -> None:
    """Print a line for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photo", type=Path)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--chromium", default=shutil.which("chromium") or "chromium")
    given = parser.parse_args()
    print("megapixels | opened s | latency p50 ms | p95 ms | pictures/s | frames/s | true picture after release, ms")
    with tempfile.TemporaryDirectory() as folder:
        for megapixels in (1, 12, 48):
            seen = measure(scale(given.photo, megapixels, Path(folder)), given.chromium, given.seconds)
            print(
                f"{megapixels} | {seen['opened']:.2f} | {seen['p50']:.0f} | {seen['p95']:.0f} | {seen['rate']:.1f} | "
                f"{seen['frames']:.0f} | {seen['whole']:.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
