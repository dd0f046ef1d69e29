"""A generator that warps its source and paints on it: `WarpAndPaint`."""

from ptk.generators.warp_and_paint.generator import WarpAndPaint

__all__ = ["WarpAndPaint"]
