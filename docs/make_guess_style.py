"""Learns what drawings look like from drawings and photos: writes ptk/editing/drawings/guess_style.json.

    python docs/make_guess_style.py data/drawings photos/*.jpg

Photos count as they are and in grey, and watercolors as photos: told apart by these statistics, 5 of 228 photos were
taken for watercolors, and every second watercolor for a photo. It says how many photos are taken for drawings, and how
many drawings for something else, each by regressions that saw nothing of that photo (ten folds).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from ptk.dataset.manifest import PHOTO, read_manifest
from ptk.editing.drawings.guess_style import _FILE, measure_statistics
from ptk.faces.images import read_photo

FOLDS = 10
DECAY = 1e-3
SURE = 0.9
SIDE = 64
UNTOLD = ("watercolor",)
GREY = np.array([0.299, 0.587, 0.114])


def main() -> None:
    """Measure, try, learn from all, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("photos", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=_FILE)
    given = parser.parse_args()
    names, styles, rows = measure_all(given.data, given.photos)
    kinds = (PHOTO, *sorted(set(styles) - {PHOTO}))
    truth = np.array([kinds.index(style) for style in styles])
    folds = np.array([sorted(set(names)).index(name) for name in names]) % FOLDS
    shares = np.zeros((len(rows), len(kinds)))
    for fold in range(FOLDS):
        shares[folds == fold] = tell(fit(rows[folds != fold], truth[folds != fold], len(kinds)), rows[folds == fold])
    report(shares, truth, kinds)
    mean, deviation, weights, bias = fit(rows, truth, len(kinds))
    said = {"styles": kinds, "mean": mean, "deviation": deviation, "weights": weights, "bias": bias, "sure": SURE}
    plain = {key: np.round(one, 4).tolist() if isinstance(one, np.ndarray) else one for key, one in said.items()}
    given.out.write_text(json.dumps(plain) + "\n")


def measure_all(data: Path, photos: list[Path]) -> tuple[list[str], list[str], np.ndarray]:
    """Measure the statistics of drawings, photos, and photos in grey; returns names, styles and (n, statistics)."""
    names, styles, rows = [], [], []

    def add(name: str, style: str, pixels: np.ndarray) -> None:
        names.append(name)
        styles.append(PHOTO if style in UNTOLD else style)
        rows.append(measure_statistics(pixels))

    for entry in read_manifest(data):
        add(entry.photo, entry.domain, np.asarray(Image.open(data / entry.image)))
    for path in photos:
        pixels = read_photo(path).pixels
        add(f"{path.parent.name}_{path.stem}", PHOTO, pixels)
        grey = np.repeat(np.rint(pixels @ GREY)[..., None], 3, axis=2).astype(np.uint8)
        add(f"{path.parent.name}_{path.stem}", PHOTO, grey)
    for level in range(0, 256, 15):  # nothing is drawn on an empty page
        add(f"level_{level}", PHOTO, np.full((SIDE, SIDE, 3), level, np.uint8))
    return names, styles, np.stack(rows).astype(np.float64)


def fit(rows: np.ndarray, truth: np.ndarray, kinds: int) -> tuple[np.ndarray, ...]:
    """Fit a softmax regression, each kind counted alike; returns mean, deviation, weights and bias."""
    mean, deviation = rows.mean(axis=0), rows.std(axis=0) + 1e-3
    x, y = torch.from_numpy((rows - mean) / deviation), torch.from_numpy(truth)
    weights = torch.zeros(rows.shape[1], kinds, dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(kinds, dtype=torch.float64, requires_grad=True)
    alike = 1 / torch.bincount(y, minlength=kinds).double()
    optimiser = torch.optim.LBFGS([weights, bias], max_iter=300, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        value = torch.nn.functional.cross_entropy(x @ weights + bias, y, alike) + DECAY * weights.square().sum()
        value.backward()
        return value

    optimiser.step(loss)
    return mean, deviation, weights.detach().numpy(), bias.detach().numpy()


def tell(model: tuple[np.ndarray, ...], rows: np.ndarray) -> np.ndarray:
    """Tell how likely each row is of each kind, (n, kinds)."""
    mean, deviation, weights, bias = model
    return torch.from_numpy((rows - mean) / deviation @ weights + bias).softmax(1).numpy()


def report(shares: np.ndarray, truth: np.ndarray, kinds: tuple[str, ...]) -> None:
    """Print what is taken for what, and how sure of a drawing it is at most where there is a photo."""
    best = np.where(shares.max(axis=1) >= SURE, shares.argmax(axis=1), 0)
    for index, kind in enumerate(kinds):
        counts = {kinds[other]: int(((truth == index) & (best == other)).sum()) for other in range(len(kinds))}
        print(kind, counts)
    print("photos: surest of a drawing", np.sort(shares[truth == 0, 1:].max(axis=1))[-8:].round(3))
    print("drawings: least sure", np.sort(shares[np.arange(len(truth)), truth][truth > 0])[:12].round(3))


if __name__ == "__main__":
    main()
