"""UIDs made from words: the same words, the same UID."""

from __future__ import annotations

import uuid


def uid_of(*words: str) -> str:
    """A UID under 2.25 (DICOM PS3.5 B.2) that is the same on every run for the same words.

    >>> uid_of("series", "3") == uid_of("series", "3") != uid_of("series", "4")
    True
    """
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, '|'.join(words)).int}"
