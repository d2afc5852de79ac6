"""A secret of this user's, from which marks of identities are made that nobody else can make.

It lies beside the remembered scans. Where none is kept, one is made for this process: then
marks of two runs differ, and nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
from functools import lru_cache
from pathlib import Path

_NAME = "owner.key"
_BYTES = 32
_SIGNS = 12


def cache_folder() -> Path:
    """Where scans and the key are kept; ``LIVERSEG_CACHE`` names another place."""
    named = os.environ.get("LIVERSEG_CACHE")
    if named:
        return Path(named)
    from platformdirs import user_cache_path

    return Path(user_cache_path("liverseg")) / "scans"


@lru_cache(maxsize=1 << 14)
def keyed_mark(kind: str, text: str) -> str:
    """12 hexadecimal digits that stand for a text: HMAC-SHA-256 with this user's key."""
    message = f"{kind}\0{text}".encode("utf-8", "surrogateescape")
    return hmac.new(_key(), message, hashlib.sha256).hexdigest()[:_SIGNS]


@lru_cache(maxsize=1)
def _key() -> bytes:
    return _kept() or secrets.token_bytes(_BYTES)


def keep_key() -> None:
    """Keep the key of this process for later ones, where there is none yet.

    Called when a scan is remembered, so that a scan without a cache writes nothing. Only
    the owner can read it; of two programs at once the first one wins.
    """
    path = cache_folder() / _NAME
    if _kept():
        return
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(_key())
        if not _kept():
            Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def _kept() -> bytes:
    """The key that an earlier process kept; b"" where there is none or it is damaged."""
    try:
        found = (cache_folder() / _NAME).read_bytes()
    except (OSError, RuntimeError):  # RuntimeError: a user without a home.
        return b""
    return found if len(found) == _BYTES else b""
