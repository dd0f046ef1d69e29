"""A studio that runs, and its page as a person uses it in Chromium."""

import contextlib
import re
import subprocess
import sys
from pathlib import Path

import ptk.studio

SAMPLES = Path(ptk.studio.__file__).parent / "samples"


@contextlib.contextmanager
def running(*words):
    """`ptk studio` in a process of its own; yields the address that it prints."""
    command = [sys.executable, "-m", "ptk", "studio", "--no-browser", *map(str, words)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            address = next(line for line in process.stdout if re.fullmatch(r"http://\S+#token=\S+\n", line))
            yield address.strip()
        finally:
            process.terminate()


class Page:
    """The page as a person uses it: by pointer and by key, in pixels of the window."""

    def __init__(self, page):
        self.page = page
        self.errors = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)

    def open(self, address, sample=True):
        self.page.goto(address)
        self.page.wait_for_selector("body[data-ready=yes]")
        if sample:
            self.page.locator("#samples button").first.click()
            self.page.wait_for_selector("body.open")
            self.rest()
        return self

    def rest(self):
        """Wait until the picture is the one that is wished for."""
        self.page.wait_for_function("() => !window.studio.renderer.busy && !window.studio.renderer.wanted")
        self.page.wait_for_timeout(260)  # the pause after which the true picture is asked for
        self.page.wait_for_function("() => !window.studio.renderer.busy && !window.studio.renderer.wanted")

    def drop(self, path):
        """Drop a file on the page, as from a folder."""
        content = list(Path(path).read_bytes())
        self.page.evaluate(
            """([name, bytes]) => {
              const data = new DataTransfer();
              data.items.add(new File([new Uint8Array(bytes)], name));
              dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
            }""",
            [Path(path).name, content],
        )

    def at(self, index):
        """Where a point is in the window."""
        box = self.page.locator(f"#overlay .point[data-index='{index}'] .dot").bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def grip(self, part):
        box = self.page.locator(f"#overlay .grip[data-part='{part}'] rect").bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def drag(self, start, end, steps=8, keep=False):
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move(*end, steps=steps)
        if not keep:
            mouse.up()

    def slide(self, row, value):
        """Set a slider as a hand does: many values on the way, and it rests at the last."""
        self.page.locator(f".slider[data-row='{row}'] input[type=range]").evaluate(
            """(range, value) => {
              for (let step = 1; step <= 10; step++) {
                range.value = (value * step) / 10;
                range.dispatchEvent(new Event("input", { bubbles: true }));
              }
              range.dispatchEvent(new Event("change", { bubbles: true }));
            }""",
            value,
        )

    def ask(self, expression):
        return self.page.evaluate(expression)

    @property
    def edit(self):
        return self.ask("() => structuredClone(window.studio.model.edit)")

    @property
    def transform(self):
        return self.ask("() => ({ ...window.studio.view.transform })")

    def pixels(self):
        """A checksum of what the canvas shows."""
        return self.ask(
            """() => {
              const canvas = document.getElementById("canvas");
              const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
              let sum = 0;
              for (let i = 0; i < data.length; i += 4) {
                sum = (sum * 31 + data[i] + 7 * data[i + 1] + 13 * data[i + 2]) >>> 0;
              }
              return sum;
            }"""
        )
