"""One object: from the archive into a file whose final name means that it is whole and right.

Until then its bytes lie beside it in ``<name>.<etag>.part``. They are written as they arrive,
without a buffer, so that a killed process loses nothing that it had received, and the next one
asks for the rest only. The ETag in the name keeps the halves of two versions apart.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING

from liverseg.errors import InputError
from liverseg.samples.checksums import Check, CheckedFile, check_file, object_checks, parts_of
from liverseg.samples.s3 import (
    AGAIN,
    BrokenOffError,
    ObjectChangedError,
    PublicStore,
    RemoteObject,
    lower_headers,
    read_some,
)
from liverseg.tables import load_table

if TYPE_CHECKING:
    from requests import Response

#: Told how many bytes more (or fewer) of an object are on the disk.
Counted = Callable[[int], None]
#: Raises when the transfer is to stop.
StopIfAsked = Callable[[], None]


@dataclass(frozen=True)
class Transfer:
    """An object, the file it becomes, and who hears of it.

    `found` counts bytes that lay on the disk already, `received` those that came over the
    network.
    """

    item: RemoteObject
    path: Path
    found: Counted
    received: Counted
    stop_if_asked: StopIfAsked


def fetch_object(store: PublicStore, transfer: Transfer) -> CheckedFile:
    """Make the file of an object, or find that it is there and right.

    Raises `InputError` when the object is missing, changed, of the wrong size or checksum,
    or cannot be had; then the final name does not exist.
    """
    item, path = transfer.item, transfer.path
    part = path.with_name(f"{path.name}.{re.sub('[^0-9A-Za-z-]', '', item.etag)}.part")
    for stale in path.parent.glob(f"{path.name}.*.part"):
        if stale != part:
            stale.unlink()
    if path.is_file():
        checked = _checked(store, item, path, {})
        if checked is not None:
            transfer.found(item.size_bytes)
            return checked
        path.unlink()
    resumed = _size(part) > 0
    transfer.found(_size(part))
    while True:
        headers = _complete(store, transfer, part)
        checked = _checked(store, item, part, headers)
        if checked is not None:
            _settle(part, path)
            return checked
        transfer.found(-_size(part))
        part.unlink()
        if not resumed:
            raise InputError(
                "the file that arrived has not the checksum that the archive states",
                where=item.address,
                remedy=f"{AGAIN}; if it happens again, the archive's copy is damaged",
            )
        # What an earlier run left may be the wrong half: once more, from the start.
        resumed = False


def _complete(store: PublicStore, transfer: Transfer, part: Path) -> dict[str, str]:
    """Bring a part to its full size; headers of the answer that brought all of it, if one did."""
    table = load_table("sample_fetch")
    attempts, tries = int(table.number("attempts")), 0
    while True:
        transfer.stop_if_asked()
        have = _size(part)
        if have == transfer.item.size_bytes and part.exists():
            return {}
        try:
            return _download(store, transfer, part)
        except ObjectChangedError as problem:
            raise InputError(
                "the object changed while it was fetched", where=transfer.item.address, remedy=AGAIN
            ) from problem
        except BrokenOffError as problem:
            tries = 0 if _size(part) > have else tries + 1
            if tries >= attempts:
                raise InputError(
                    f"the connection keeps breaking: {problem}",
                    where=transfer.item.address,
                    remedy=f"check the network, then {AGAIN}",
                ) from problem
            sleep(table.number("backoff") * 2**tries)


def _download(store: PublicStore, transfer: Transfer, part: Path) -> dict[str, str]:
    item = transfer.item
    have = _size(part)
    if have > item.size_bytes:
        part.unlink()
        transfer.found(-have)
        have = 0
    with store.read_object(item, have) as answer:
        headers = lower_headers(answer)
        _require_same(item, headers)
        start = _start_of(answer)
        if start not in (0, have):
            raise ObjectChangedError(item.address)
        part.parent.mkdir(parents=True, exist_ok=True)
        with part.open("r+b" if part.exists() else "wb", buffering=0) as file:
            file.truncate(start)
            file.seek(start)
            transfer.found(start - have)
            _pour(answer, file.write, transfer, left=item.size_bytes - start)
    return headers if start == 0 else {}


def _pour(
    answer: Response, write: Callable[[memoryview], int], transfer: Transfer, *, left: int
) -> None:
    most = int(load_table("sample_fetch").number("chunk"))
    while left > 0:
        transfer.stop_if_asked()
        block = read_some(answer, min(most, left))
        if not block:
            raise BrokenOffError("the server sent less than it listed")
        view = memoryview(block)
        while view:
            # An unbuffered write may take less than it is given, as on a disk nearly full.
            view = view[write(view) :]
        left -= len(block)
        transfer.received(len(block))


def _require_same(item: RemoteObject, headers: dict[str, str]) -> None:
    etag = headers.get("etag", "").strip('"')
    if etag and etag != item.etag:
        raise ObjectChangedError(item.address)


def _start_of(answer: Response) -> int:
    """The first byte that an answer brings: of a part that was asked for, or of the whole."""
    if answer.status_code != 206:
        return 0
    span = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    if span is None:
        raise BrokenOffError("the server does not say which bytes it sends")
    return int(span[1])


def _checked(
    store: PublicStore, item: RemoteObject, path: Path, headers: dict[str, str]
) -> CheckedFile | None:
    """The file with the checks that it passed; None when it is not what the archive states."""
    if _size(path) != item.size_bytes:
        return None
    checked = check_file(path, _checks(store, item, headers))
    return None if checked.failed else checked


def _checks(store: PublicStore, item: RemoteObject, headers: dict[str, str]) -> tuple[Check, ...]:
    checks = object_checks(item.etag, headers)
    if checks and headers:
        return checks
    parts = parts_of(item.etag)
    if not parts and checks:
        # An MD5, unless the object is encrypted with a customer's key: no public one is.
        return checks
    return object_checks(
        item.etag, store.object_headers(item), _part_sizes(store, item, parts) if parts else ()
    )


def _part_sizes(store: PublicStore, item: RemoteObject, parts: int) -> tuple[int, ...]:
    """Bytes of each part of an object; none when the server does not tell."""
    sizes = []
    for part in range(1, parts + 1):
        try:
            told = store.object_headers(item, part=part).get("content-length", "0")
        except (InputError, ObjectChangedError):
            return ()
        sizes.append(int(told))
    return tuple(sizes) if sum(sizes) == item.size_bytes and all(sizes) else ()


def _settle(part: Path, path: Path) -> None:
    """Give a whole file its final name, with its bytes on the disk before the name is."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.replace(path)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
