"""What in a DICOM file identifies, found without the code under test, and a search for it."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import UID_dictionary

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "src/liverseg/tables/confidentiality_profile.csv"
#: Shorter values occur by chance in pixels and numbers.
LEAST = 6
MAKER = ("Manufacturer", "ManufacturerModelName")
TEXT = ("PN", "LO", "SH", "ST", "LT", "UT", "UC", "AE", "UI", "DA")


def listed_tags() -> dict[int, str]:
    """Basic action by tag, descriptors whose words may stay left out."""
    lines = [line for line in TABLE.read_text().splitlines() if not line.startswith("#")]
    return {
        int(row["tag"], 16): row["basic"]
        for row in csv.DictReader(lines)
        if not row["clean_descriptors"]
    }


def identifying_values(path: Path) -> set[bytes]:
    """Every value of the profile's attributes that is long enough, as bytes of the file."""
    found: set[bytes] = set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset, listed = dcmread(path, force=True), listed_tags()
        elements = list(_elements(dataset))
        makers = [str(e.value) for e in elements if e.keyword in MAKER]
        maker = "\n".join(makers).encode("latin-1", "ignore")
        for element in elements:
            if element.tag not in listed or element.VR not in TEXT:
                continue
            for value in _parts(element):
                if len(value) >= LEAST and value.decode("latin-1") not in UID_dictionary:
                    found.add(value)
    # A station may be called like its maker, which is kept and names nobody.
    return {value for value in found if value.lower() not in maker.lower()}


def holds(data: bytes, value: bytes) -> bool:
    """Whether bytes hold a value; a number not as a part of a longer one."""
    if re.fullmatch(rb"[0-9.]+", value):
        return re.search(rb"(?<![0-9.])" + re.escape(value) + rb"(?![0-9.])", data) is not None
    return value in data


def _parts(element) -> list[bytes]:
    value = element.value
    values = [value] if isinstance(value, str) or not hasattr(value, "__iter__") else list(value)
    if element.VR == "PN":
        values = [part for one in values for part in re.split(r"[\^= ,;]+", str(one))]
    return [str(one).strip().encode("latin-1", "ignore") for one in values]


def _elements(dataset: Dataset) -> Iterator:
    for tag in sorted(dataset.keys()):
        if tag.is_private:
            continue
        try:
            element = dataset[tag]
        except Exception:  # noqa: BLE001 - what pydicom cannot read is not compared
            continue
        if element.VR == "SQ":
            for item in element.value or ():
                yield from _elements(item)
        else:
            yield element


def dciodvfy() -> str | None:
    """The validator of Debian's dicom3tools, None where it is not installed."""
    return shutil.which("dciodvfy")


def errors_of(path: Path) -> set[str]:
    """What dciodvfy calls errors, without the values and numbers that it quotes."""
    done = subprocess.run(
        [dciodvfy() or "dciodvfy", str(path)], capture_output=True, check=False, timeout=120
    )
    text = done.stderr.decode("latin-1") + done.stdout.decode("latin-1")
    lines = [line for line in text.splitlines() if line.startswith("Error")]
    return {re.sub(r"[0-9.]+", "N", re.sub(r"= <[^>]*>", "", line)) for line in lines}
