"""Small PNG images as data URIs."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def grey_uri(pixels: NDArray[np.generic], window: tuple[float, float]) -> str:
    """8-bit grey picture of (row, column) values; `window` is what becomes black and white.

    Values that are not finite become black.
    """
    low, high = window
    shown = np.nan_to_num(pixels.astype(np.float64), nan=low, posinf=high, neginf=low)
    level = (shown - low) / max(high - low, 1e-12)
    return _uri(Image.fromarray(np.rint(np.clip(level, 0, 1) * 255).astype(np.uint8)), {})


def palette_uri(labels: NDArray[np.uint8], colours: Sequence[str], *, opacity: float) -> str:
    """Picture of (row, column) labels: 0 is clear, label n has the n-th colour (#rrggbb)."""
    image = Image.fromarray(np.where(labels <= len(colours), labels, 0).astype(np.uint8))
    image.putpalette(b"\0\0\0" + b"".join(bytes.fromhex(colour[1:]) for colour in colours))
    alpha = bytes([0] + [round(255 * opacity)] * len(colours))
    return _uri(image, {"transparency": alpha})


def _uri(image: Image.Image, options: dict[str, bytes]) -> str:
    target = io.BytesIO()
    image.save(target, format="PNG", optimize=True, **options)
    return "data:image/png;base64," + base64.b64encode(target.getvalue()).decode("ascii")
