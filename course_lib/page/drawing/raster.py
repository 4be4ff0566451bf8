"""Small pictures as PNG files of 64 colours, inside an address.

Written out by hand, without compression: a compressing library gives other bytes in
its next version, and a picture of a page must not change by itself.
"""

from __future__ import annotations

import base64
import struct
import zlib
from dataclasses import KW_ONLY, dataclass

import numpy as np

from course_lib.page.drawing.canvas import Plot
from course_lib.page.drawing.shapes import Rect

_TOP = 63  # the last level
_LEVELS = np.arange(_TOP + 1) / _TOP
_SIGNED = 2 * _LEVELS - 1
# Red, green, blue and opacity of each level.
_PALETTES = {
    "grey": np.stack([255 * (1 - _LEVELS)] * 3 + [np.full(_TOP + 1, 255)], axis=1),
    "diverging": np.stack(
        [
            np.where(_SIGNED < 0, blue, orange)
            for blue, orange in ((0, 230), (114, 159), (178, 0))
        ]
        + [190 * np.abs(_SIGNED)],
        axis=1,
    ),
}


def png_address(values: np.ndarray, scale: str, limits: tuple[float, float]) -> str:
    """Return a ``data:`` address of the picture of a matrix.

    Parameters
    ----------
    values : array, shape (rows, columns)
        The first row is the top one. Values beyond the limits are drawn as limits.
    scale : {"grey", "diverging"}
        White to black, or blue over transparent to orange.
    limits : (float, float)
        The values of the first and the last colour.

    Raises
    ------
    ValueError
        If the values are not a finite matrix, or more than 65,000 bytes.

    Examples
    --------
    >>> png_address(np.eye(2), "grey", (0, 1))[:26]
    'data:image/png;base64,iVBO'
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 2 or not np.isfinite(values).all():
        raise ValueError(
            f"an image of shape {values.shape} cannot be drawn; "
            "give a matrix of finite numbers"
        )
    if scale not in _PALETTES:
        raise ValueError(f"no colour scale {scale!r}; there are {[*_PALETTES]}")
    low, high = limits
    level = (np.clip(values, min(limits), max(limits)) - low) / (high - low)
    # As in canvas.number: a tie is no matter of the last bit.
    level = np.floor(_TOP * level + 0.5 + 1e-7).astype(np.uint8)
    rows = b"".join(b"\0" + row.tobytes() for row in level)  # 0: no filter
    if len(rows) > 65_000:
        raise ValueError(f"an image of shape {values.shape} is too large for a page")

    height, width = values.shape
    palette = np.round(_PALETTES[scale]).astype(np.uint8)
    stored = struct.pack("<BHH", 1, len(rows), len(rows) ^ 0xFFFF)
    packet = b"\x78\x01" + stored + rows + struct.pack(">I", zlib.adler32(rows))
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(name, data)
        for name, data in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            (b"PLTE", palette[:, :3].tobytes()),
            (b"tRNS", palette[:, 3].tobytes()),
            (b"IDAT", packet),
            (b"IEND", b""),
        )
    )
    return "data:image/png;base64," + base64.b64encode(png).decode()


def _chunk(name: bytes, data: bytes) -> bytes:
    check = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)


@dataclass(frozen=True)
class Image(Rect):
    """A raster: its first row lies at y0, its last at y1; see `png_address`."""

    values: np.ndarray
    _: KW_ONLY
    scale: str = "grey"
    limits: tuple[float, float] = (0, 1)
    smooth: bool = False

    def geometry(self, plot: Plot) -> dict[str, str]:
        rows = np.asarray(self.values, dtype=float)
        if plot.place(0, self.y0)[1] > plot.place(0, self.y1)[1]:
            rows = rows[::-1]  # PNG begins at the top
        address = png_address(rows, self.scale, self.limits)
        return {"tag": "image", "href": address} | self.box(plot)

    def ink(self) -> dict[str, str]:
        pixels = {} if self.smooth else {"style": "image-rendering:pixelated"}
        return {"preserveAspectRatio": "none"} | pixels
