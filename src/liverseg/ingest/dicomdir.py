"""A DICOMDIR: which files it lists, and which of those are not there."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from pathlib import Path

from liverseg.ingest import fields
from liverseg.ingest.archives import leads_out
from liverseg.ingest.sources import MARK, facts_of, open_source
from liverseg.ingest.walk import FoundFile
from liverseg.tables import load_table


def listed_names(path: str) -> tuple[str, ...]:
    """Relative paths (posix) of all files that a DICOMDIR lists, each once.

    Source: DICOM PS3.3 F.3.2.2, ReferencedFileID. Raises whatever a damaged file makes
    the parser raise.
    """
    from pydicom import dcmread  # loaded for the few files that need it, see `header_tags`

    with open_source(path) as stream:
        records = fields.items(dcmread(stream), "DirectoryRecordSequence")
    most = int(load_table("ingest_limits").number("most_listed"))
    found = ("/".join(fields.texts(record, "ReferencedFileID")) for record in records[:most])
    return tuple(dict.fromkeys(name for name in found if name))


def follow_dicomdir(
    found: FoundFile, known: Mapping[str, FoundFile]
) -> tuple[list[FoundFile], str]:
    """Files that a DICOMDIR lists and that were not found yet, and what to say of itself.

    `known` maps names of the ledger to files. Those that do not exist come back with
    that as their obstacle: a CD that was copied in part is not silently smaller.
    """
    try:
        names = listed_names(str(found.path))
    except Exception as error:  # noqa: BLE001 - a damaged file may raise anything
        return [], f"is a DICOMDIR that cannot be read ({type(error).__name__})"
    folded = {_fold(name): name for name in known}
    more, missing = [], 0
    for name in names:
        full = _beside(found.name, name)
        if leads_out(name):
            why = f"is listed in {found.name}, but its name leads out of that folder"
            more.append(FoundFile(Path(name), f"{found.name} lists {name}", why, refused=True))
        elif _fold(full) not in folded:
            place = _on_disk(found, name)
            missing += place is None
            more.append(_listed(found, full, place, name))
    told = f"is a DICOMDIR: the {len(names)} files that it lists are read themselves"
    return more, told + (f"; {missing} of them are missing" if missing else "")


def _listed(found: FoundFile, full: str, place: Path | None, name: str) -> FoundFile:
    if place is not None:
        return FoundFile(place, full)
    beside = Path(_beside(str(found.path), name))
    return FoundFile(beside, full, f"is listed in {found.name} but is not there", refused=True)


def _on_disk(found: FoundFile, name: str) -> Path | None:
    """The listed file, also where a copy changed the case of its name or kept its version."""
    for spelling in _spellings(name):
        path = _beside(str(found.path), spelling)
        if facts_of(path) is not None:
            return Path(path)
    return None


def _spellings(name: str) -> Iterator[str]:
    yield name
    yield name.lower()
    yield name + ";1"  # ISO 9660 keeps a version behind the name.
    yield name.lower() + ";1"


def _beside(path: str, name: str) -> str:
    """`name` in the folder of `path`, which may be the top of an archive."""
    archive, mark, member = path.rpartition(MARK)
    folder = posixpath.dirname(member)
    return archive + mark + (f"{folder}/{name}" if folder else name)


def _fold(name: str) -> str:
    return name.removesuffix(";1").removesuffix(".").casefold()
