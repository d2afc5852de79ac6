"""`KeyRing`: new UIDs, pseudonyms and date shifts, all derived from one key.

HMAC-SHA-256 of a kind and the old value. Whoever has the key gets the same new values in
every run; without it neither the old values nor the relation to another key's can be
computed, however few patients there are to guess from.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import uuid
from pathlib import Path

from liverseg.errors import InputError
from liverseg.tables import load_table

#: Environment variable that holds a key, used where no key file is named.
KEY_VARIABLE = "LIVERSEG_DEIDENTIFY_KEY"
_PSEUDONYM_SIGNS = 12


class KeyRing:
    """Derives from a key, and remembers what it derived, for the map that a user may ask for."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.uids: dict[str, str] = {}
        self.patients: dict[str, str] = {}

    def uid(self, old: str) -> str:
        """The new UID of an old one: 2.25 and a version 8 UUID (PS3.5 B.2, RFC 9562)."""
        if old not in self.uids:
            bits = bytearray(self._mac("uid", old)[:16])
            bits[6] = bits[6] & 0x0F | 0x80
            bits[8] = bits[8] & 0x3F | 0x80
            self.uids[old] = f"2.25.{uuid.UUID(bytes=bytes(bits)).int}"
        return self.uids[old]

    def pseudonym(self, patient: str) -> str:
        """What a patient is called: "P" and 12 letters or digits; `patient` is who it was."""
        if patient not in self.patients:
            text = base64.b32encode(self._mac("patient", patient)).decode("ascii")
            self.patients[patient] = "P" + text[:_PSEUDONYM_SIGNS]
        return self.patients[patient]

    def shift_days(self, patient: str) -> int:
        """By how many days the dates of a patient move; below 0: into the past."""
        rules = load_table("deidentify_rules")
        least, most = int(rules.number("shift_least_days")), int(rules.number("shift_most_days"))
        number = int.from_bytes(self._mac("shift", patient)[:8], "big")
        return -(least + number % (most - least + 1))

    def _mac(self, kind: str, text: str) -> bytes:
        message = f"{kind}\0{text}".encode("utf-8", "surrogateescape")
        return hmac.new(self._key, message, hashlib.sha256).digest()


def random_key() -> bytes:
    """A fresh key that nobody keeps: two runs cannot be related to each other."""
    return secrets.token_bytes(32)


def load_key(path: Path | None) -> bytes | None:
    """The key of a file, else of the environment, else None.

    White space around it does not count. Raises `InputError` for a file that cannot be
    read and for a key that is too short.
    """
    if path is not None:
        try:
            return _long_enough(path.read_bytes().strip(), str(path))
        except OSError as error:
            raise InputError(
                f"the key cannot be read ({error.strerror})",
                where=str(path),
                remedy="make one, for example: openssl rand -hex 32 > key.txt",
            ) from error
    text = os.environ.get(KEY_VARIABLE, "").strip()
    return _long_enough(os.fsencode(text), KEY_VARIABLE) if text else None


def _long_enough(key: bytes, where: str) -> bytes:
    least = int(load_table("deidentify_rules").number("key_least_bytes"))
    if len(key) < least:
        raise InputError(
            f"the key has {len(key)} bytes, at least {least} are needed",
            where=where,
            remedy="make one, for example: openssl rand -hex 32 > key.txt",
        )
    return key
