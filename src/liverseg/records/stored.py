"""`StoredPixels`: where the numbers of one slice lie and how they become values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StoredPixels:
    """What a scan learned about the pixels of one slice, so that no header is read twice.

    Attributes
    ----------
    size, changed_ns
        Bytes and time of change of the file when it was scanned. Where a file differs
        from them now, nothing else here is trusted and its header is read again.
    pieces
        (offset, length) in bytes of each piece of this slice's pixel data; empty where
        the file has to be parsed to find it (deflated files, unclear fragments).
    encoding
        Transfer syntax UID.
    shape
        (rows, columns).
    dtype
        numpy's name of the stored numbers, byte order included ("<i2").
    bits
        Bits stored of those allocated.
    slope, intercept, unit
        ``value = stored * slope + intercept`` in `unit`.
    """

    size: int
    changed_ns: int
    pieces: tuple[tuple[int, int], ...]
    encoding: str
    shape: tuple[int, int]
    dtype: str
    bits: int
    slope: float
    intercept: float
    unit: str

    @property
    def is_whole(self) -> bool:
        """Whether whole stored numbers stay whole."""
        whole = self.slope == int(self.slope) and self.intercept == int(self.intercept)
        return whole and self.dtype[1] != "f"
