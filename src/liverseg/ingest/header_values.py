"""Values out of the raw bytes of explicit little endian elements, as pydicom would give them.

Only spellings on which there can be no two opinions are decoded; for all else `Unsure` is
raised and the file is read by pydicom. Character sets are decoded where one byte (ISO_IR
6, 100) or UTF-8 (ISO_IR 192) stands for itself; plain ASCII text is the same in all of
them (DICOM PS3.3 C.12.1.1.2).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from functools import lru_cache

Value = str | int | float | tuple[str, ...] | tuple[int, ...] | tuple[float, ...] | None

Texts = str | tuple[str, ...]

_LATIN = ("", "ISO_IR 6", "ISO_IR 100")
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,9}", re.ASCII)
#: Only these follow the character set of the dataset (PS3.5 6.1.2.3).
_CODED = (b"LO", b"SH", b"UC", b"PN")
_NUMBERS = {b"US": "H", b"SS": "h", b"UL": "I", b"SL": "i", b"FL": "f", b"FD": "d"}


class Unsure(Exception):  # noqa: N818 - no error: pydicom takes over
    """The own reading of a header is not certain here."""


class Name(str):
    """A person's name: a text that is no number, even if it is written in digits."""

    __slots__ = ()

    def __float__(self) -> float:
        raise TypeError("a name is no number")


@lru_cache(maxsize=4096)
def decode(vr: bytes, raw: bytes, charset: str) -> Value:
    """The value of an element; None when it is empty, a tuple when it has several.

    Decimal and integer strings stay texts, as they stand without their padding.
    """
    if not raw:
        return None
    if vr in _NUMBERS:
        return _numbers(raw, _NUMBERS[vr])
    if vr in _TEXTS:
        # `or None`: what is only padding is as good as absent.
        return _TEXTS[vr](_characters(raw, charset if vr in _CODED else "?")) or None
    raise Unsure(f"value representation {vr!r}")


def charset_of(value: Value) -> str:
    """The name of a character set that `decode` may meet beyond ASCII; "?" for others."""
    if value is None:
        return ""
    return value if isinstance(value, str) and (value in _LATIN or value == "ISO_IR 192") else "?"


def _characters(raw: bytes, charset: str) -> str:
    if raw.isascii():
        if b"\x1b" in raw:
            raise Unsure("an escape sequence")
        return raw.decode("ascii")
    if charset in _LATIN:
        return _plain(raw.decode("latin-1"))
    if charset == "ISO_IR 192":
        try:
            return _plain(raw.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise Unsure("no UTF-8") from error
    raise Unsure(f"character set {charset}")


def _plain(text: str) -> str:
    if not text.isprintable():
        raise Unsure("characters that print nothing")
    return text


def _numbers(raw: bytes, code: str) -> Value:
    count, rest = divmod(len(raw), struct.calcsize("<" + code))
    if rest:
        raise Unsure("a length that does not fit its numbers")
    found = struct.unpack(f"<{count}{code}", raw)
    return found[0] if count == 1 else found


def _one_or_more(parts: list[str]) -> Texts:
    return parts[0] if len(parts) == 1 else tuple(parts)


def _split(text: str) -> Texts:
    return _one_or_more(text.rstrip(" \0").split("\\"))


def _uid(text: str) -> Texts:
    stripped = text.rstrip(" \0")
    if " " in stripped or not stripped.isprintable():
        raise Unsure("a UID with blanks")
    return _split(stripped)


def _split_and_strip(text: str) -> Texts:
    return _one_or_more([part.rstrip(" \0") for part in text.split("\\")])


def _name(text: str) -> str:
    stripped = text.rstrip(" \0")
    if any(sign in stripped for sign in "=\\\0"):
        raise Unsure("a name with several spellings")
    return Name(stripped)


def _decimals(text: str) -> Texts:
    return _checked(text.strip(), _DECIMAL)


def _integers(text: str) -> Texts:
    return _checked(text.rstrip(" \0"), _INTEGER)


def _checked(text: str, spelling: re.Pattern[str]) -> Texts:
    if not text:
        return ""
    parts = [part.strip(" ") for part in text.split("\\")]
    if not all(spelling.fullmatch(part) for part in parts):
        raise Unsure("a number in an odd spelling")
    return _one_or_more(parts)


_TEXTS: dict[bytes, Callable[[str], Texts]] = {
    b"AS": _split,
    b"CS": _split,
    b"DA": _split,
    b"DT": _split,
    b"TM": _split,
    b"UI": _uid,
    b"LO": _split_and_strip,
    b"SH": _split_and_strip,
    b"UC": _split_and_strip,
    b"DS": _decimals,
    b"IS": _integers,
    b"PN": _name,
}
