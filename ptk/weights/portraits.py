"""ptk's own weights of portraits, in files beside this one; README.md is their model card."""

from __future__ import annotations

from typing import ClassVar

from ptk.types import Weights

__all__ = ["Portraits"]


class Portraits(Weights):
    """Expressions of photos, and of these sketches, watercolors, and pictures in the styles wave and poster.

    Source: `ptk/recipes/portraits`, trained by `make weights`.
    """

    files: ClassVar = {
        "portraits.onnx": "582d978fb05fc617d12ba6bb0e66adda37f49de62eb433579e8745299f78c6ef",
        "portraits.styles.onnx": "a6194c595a91f964ab51dfc36928b338c7d685158631ce461aba5cb733859683",
        "portraits.mouth.onnx": "cfbbefd010cb0fd8531112d2b62422a9c1d02e121b3080d6e1bda3c71a4a1a95",
    }
    size = 256
    licence = "Apache-2.0"
    card = "README.md"
