"""Files that name a patient wherever files can, and a search for the patient in every byte."""

from __future__ import annotations

import base64
import re
import sqlite3
from pathlib import Path

import numpy as np
import patient_files as given
import pyarrow.parquet as pq
import zstandard

from liverseg.geometry import LabelMap
from liverseg.ingest import scan_folder
from liverseg.interop import write_nifti

PACKED = b"\x28\xb5\x2f\xfd"


def named_folder(parent: Path) -> Path:
    """Images and masks in folders and files that are called like the patient."""
    home = parent / f"{given.NAME}, {given.GIVEN} (geb. 17.12.1943)"
    for series, words in ((3, "arteriell"), (4, "portalvenös")):
        given.write_patient(
            home / "dicom" / given.PATIENT_ID / str(series),
            slices=20,
            shape=(12, 13),
            series=series,
            SeriesInstanceUID=f"{given.STUDY_UID}.{series}",
            SeriesDescription=f"Leber {words} {given.NAME} *{given.BIRTH_DATE}",
        )
    grid = scan_folder(home / "dicom").series[0].grid
    for name, low, size in (("liver", 2, 8), (f"{given.GIVEN}_tumour", 4, 3)):
        array = np.zeros(grid.shape, dtype=np.uint8)
        array[tuple(slice(low, low + size) for _ in range(3))] = 1
        write_nifti(LabelMap(array, grid), home / "masks" / f"{name}.nii.gz")
    return home


def every_byte(folder: Path) -> bytes:
    """All files below a folder, and what is packed in them."""
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        found += [str(path.relative_to(folder)).encode(), data, *unpacked(data)]
        if path.suffix == ".liverseg":
            found.append(all_values(path))
        if path.suffix == ".parquet":
            found.append(repr(pq.read_table(path).to_pylist()).encode())
        for code in re.findall(rb"base64,([A-Za-z0-9+/=]+)", data):
            found.append(base64.b64decode(code))
    return b"\n".join(found)


def unpacked(data: bytes) -> list[bytes]:
    if not data.startswith(PACKED):
        return []
    return [zstandard.ZstdDecompressor().decompressobj().decompress(data)]


def all_values(case: Path) -> bytes:
    found = []
    db = sqlite3.connect(case)
    for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for row in db.execute(f"SELECT * FROM {table}"):
            for value in row:
                data = value if isinstance(value, bytes) else str(value).encode()
                found += [data, *unpacked(data)]
    db.close()
    return b"\n".join(found)


def named_in(data: bytes) -> list[str]:
    birth = ("1943-12-17", "17.12.1943")
    words = [w for w in (*given.SECRETS, *birth) if w != given.INSTITUTION]
    return [word for word in words if word.lower().encode() in data.lower()]
