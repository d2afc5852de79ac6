"""Compare a file with the checksums that the archive states.

S3 tells a checksum in up to three ways, and each is used only where it can be trusted
(source: Amazon S3 user guide, "Checking object integrity"):

- the ETag of an object that was stored in one piece is its MD5, unless it is encrypted with
  a customer's key (SSE-KMS, SSE-C);
- the ETag ``<hex>-<n>`` of an object stored in n parts is the MD5 of the parts' MD5s, which
  needs the size of each part;
- ``x-amz-checksum-*`` headers, where the uploader asked for them. ``...-<n>`` is again one of
  parts and says nothing about the whole; CRC32C and CRC-64 are left out, because the standard
  library has neither and an MD5 stands beside them.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

MD5 = "MD5"
MD5_OF_PARTS = "MD5 of parts"
_HEADERS = {"sha256": "SHA-256", "sha1": "SHA-1", "crc32": "CRC32"}
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Check:
    """One checksum that an object must have: lower-case hexadecimal."""

    algorithm: str
    expected: str
    part_bytes: tuple[int, ...] = ()


@dataclass(frozen=True)
class CheckedFile:
    """What a file holds: its SHA-256, the checks that it passed, and those that it failed."""

    sha256: str
    passed: tuple[str, ...]
    failed: tuple[str, ...]


class Hasher(Protocol):
    """What `hashlib` objects and our CRC have in common."""

    def update(self, data: bytes, /) -> None:
        """Take more bytes."""
        ...

    def hexdigest(self) -> str:
        """The checksum so far."""
        ...


class Crc32:
    """CRC-32 in the form of a `hashlib` object.

    >>> crc = Crc32(); crc.update(b"123456789"); crc.hexdigest()
    'cbf43926'
    """

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes, /) -> None:
        """Take more bytes."""
        self._value = zlib.crc32(data, self._value)

    def hexdigest(self) -> str:
        """Eight digits."""
        return f"{self._value:08x}"


class PartwiseMd5:
    """The ETag of an object that was stored in parts of `part_bytes`: MD5 of MD5s, and count."""

    def __init__(self, part_bytes: Sequence[int]) -> None:
        self._sizes = list(part_bytes)
        self._left = self._sizes[0]
        self._part, self._begun = hashlib.md5(usedforsecurity=False), False
        self._digests: list[bytes] = []

    def update(self, data: bytes, /) -> None:
        """Take more bytes."""
        while data:
            taken, data = data[: self._left], data[self._left :]
            self._part.update(taken)
            self._begun = True
            self._left -= len(taken)
            if self._left == 0:
                self._digests.append(self._part.digest())
                self._part, self._begun = hashlib.md5(usedforsecurity=False), False
                after = len(self._digests)
                # Bytes beyond the last part make one part more, so they are never right.
                self._left = self._sizes[after] if after < len(self._sizes) else _BLOCK

    def hexdigest(self) -> str:
        """As S3 writes it: digits, a hyphen, the number of parts."""
        digests = list(self._digests)
        if self._begun:
            digests.append(self._part.digest())
        whole = hashlib.md5(b"".join(digests), usedforsecurity=False)
        return f"{whole.hexdigest()}-{len(digests)}"


def parts_of(etag: str) -> int:
    """In how many parts an object was stored, by its ETag; 0 when in one piece or unknown.

    >>> parts_of("9b2cf535f27731c974343645a3985328-3"), parts_of("9b2cf535f27731c974343645a3985328")
    (3, 0)
    """
    found = re.fullmatch(r"[0-9a-f]{32}-(\d{1,5})", etag)
    return int(found[1]) if found else 0


def object_checks(
    etag: str, headers: Mapping[str, str], part_bytes: Sequence[int] = ()
) -> tuple[Check, ...]:
    """What can be checked of an object with this ETag and these headers (lower-case names).

    `part_bytes` are the sizes of its parts where it has some and they are known.
    """
    checks = []
    encrypted = headers.get("x-amz-server-side-encryption", "").startswith("aws:kms")
    encrypted |= "x-amz-server-side-encryption-customer-algorithm" in headers
    if re.fullmatch(r"[0-9a-f]{32}", etag) and not encrypted:
        checks.append(Check(MD5, etag))
    if parts_of(etag) and parts_of(etag) == len(part_bytes) and not encrypted:
        checks.append(Check(MD5_OF_PARTS, etag, tuple(part_bytes)))
    for header, algorithm in _HEADERS.items():
        value = headers.get(f"x-amz-checksum-{header}", "")
        if value and "-" not in value:
            checks.append(Check(algorithm, base64.b64decode(value).hex()))
    return tuple(checks)


def check_file(path: Path, checks: Sequence[Check]) -> CheckedFile:
    """Read a file once and compare it with `checks`; OSError when it cannot be read."""
    sha256 = hashlib.sha256()
    hashers = [_hasher(check) for check in checks]
    with path.open("rb") as file:
        for block in iter(lambda: file.read(_BLOCK), b""):
            sha256.update(block)
            for hasher in hashers:
                hasher.update(block)
    right = [
        hasher.hexdigest() == check.expected for hasher, check in zip(hashers, checks, strict=True)
    ]
    return CheckedFile(
        sha256.hexdigest(),
        tuple(check.algorithm for check, good in zip(checks, right, strict=True) if good),
        tuple(check.algorithm for check, good in zip(checks, right, strict=True) if not good),
    )


def _hasher(check: Check) -> Hasher:
    if check.algorithm == MD5:
        return hashlib.md5(usedforsecurity=False)
    if check.algorithm == MD5_OF_PARTS:
        return PartwiseMd5(check.part_bytes)
    if check.algorithm == "SHA-1":
        return hashlib.sha1(usedforsecurity=False)
    return Crc32() if check.algorithm == "CRC32" else hashlib.sha256()
