"""Write docs/reference/ingest_inputs.md: what happens to each of many inputs, and why.

Inputs are the shared test data, pydicom's own test files, and files made here. Every one
is read whole (`read_study`); an exception, a file without a line in its ledger or counts
that do not add up end this script with an error. Only names, states and reasons are
written, nothing of a patient.

    make ingest-table          needs LIVERSEG_TEST_DATA
"""

from __future__ import annotations

import argparse
import os
import re
import struct
import sys
import tempfile
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import dicom_factory as make  # noqa: E402
import numpy as np  # noqa: E402
from pydicom.data import get_testdata_file  # noqa: E402
from pydicom.uid import UID  # noqa: E402

from liverseg.ingest import GeometryPolicy, Study, ledger_json, read_study  # noqa: E402

OUT = ROOT / "docs" / "reference" / "ingest_inputs.md"
ALL = GeometryPolicy(on_tilt="shear", on_gap="resample", on_uneven="resample")
STRICT = GeometryPolicy()
MOST_REASONS = 3
#: Awkward on purpose: read again with every change allowed.
AWKWARD = (
    "ct_gantry_tilt_siemens",
    "ct_philips_tilt_minus18p5",
    "ct_ge_tilt_18p5_variable_spacing",
    "ct_missing_slice_ge",
    "ct_same_position_four_times",
)


@dataclass(frozen=True)
class Row:
    """One input: what was found and why."""

    group: str
    name: str
    files: int
    states: str
    volumes: str
    reasons: str


def rows_of(data: Path) -> Iterator[Row]:
    """All rows, group by group."""
    yield from _shared(data)
    yield from _pydicoms_own()
    with tempfile.TemporaryDirectory() as name:
        yield from made_rows(Path(name))


def judge(group: str, name: str, path: Path, policy: GeometryPolicy = STRICT) -> Row:
    """Read one input and describe it; raises where the ledger is not whole."""
    study = read_study(path, policy=policy, cache=False)
    plain = ledger_json(study.ledger)
    counts = {state: plain[state] for state in ("used", "split", "skipped", "refused")}
    listed = [entry["path"] for entry in plain["entries"]]
    on_disk = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    there = {one.name if one == path else one.relative_to(path).as_posix() for one in on_disk}
    if there - set(listed) or len(listed) != len(set(listed)):
        raise AssertionError(f"{name}: not every file is in the ledger once")
    if sum(counts.values()) != plain["files"] or plain["files"] != len(listed):
        raise AssertionError(f"{name}: the counts do not add up")
    if not all(entry["reason"] for entry in plain["entries"]):
        raise AssertionError(f"{name}: an entry has no reason")
    return Row(
        group,
        name,
        len(listed),
        ", ".join(f"{count} {state}" for state, count in counts.items() if count),
        _volumes(study),
        _reasons(plain),
    )


def _volumes(study: Study) -> str:
    shapes = Counter(
        " x ".join(map(str, v.array.shape))
        + f" {v.unit}"
        + (f" (by {v.record.split_by})" if v.record.split_by else "")
        for v in study.volumes
    )
    listed = [f"{n} of {shape}" if n > 1 else shape for shape, n in sorted(shapes.items())]
    return "; ".join(listed[:4]) + (f"; {len(listed) - 4} more" if len(listed) > 4 else "") or "-"


def _reasons(plain: dict[str, object]) -> str:
    """The commonest reasons; volume numbers and names in them are left out."""
    entries = plain["entries"]
    assert isinstance(entries, list)
    told = Counter(
        re.sub(r"^(volume) \d+ of|^(holds) \d+ of", r"\1\2 one of", entry["reason"])
        for entry in entries
    )
    listed = [reason for reason, _ in sorted(told.items(), key=lambda one: (-one[1], one[0]))]
    more = len(listed) - MOST_REASONS
    return "; ".join(listed[:MOST_REASONS]) + (f"; {more} other reasons" if more > 0 else "")


def _shared(data: Path) -> Iterator[Row]:
    geometry = data / "geometry"
    for folder in sorted(p for p in geometry.iterdir() if p.is_dir()):
        if folder.name not in ("truth_nifti", "transfer_syntaxes"):
            yield judge("Geometry", folder.name, folder)
        if folder.name in AWKWARD:
            yield judge("Geometry", f"{folder.name}, all changes allowed", folder, ALL)
    for folder in sorted(p for p in (data / "multiphase").iterdir() if p.is_dir()):
        yield judge("Several phases", folder.name, folder)
    for file in sorted((geometry / "transfer_syntaxes").glob("*.dcm")):
        yield judge("Transfer syntaxes", file.name, file)
    for name in ("ircad17", "crlm1006", "cmb_liver_mr", "totalsegmentator", "interop", "ibsi"):
        yield judge("Liver imaging and exchange", name, data / name)


def _pydicoms_own() -> Iterator[Row]:
    known = get_testdata_file("CT_small.dcm")
    assert known is not None
    folder = Path(str(known)).parent
    for file in sorted(p for p in folder.iterdir() if p.is_file()):
        yield judge("pydicom's test files", file.name, file)
    for directory in sorted(folder.rglob("DICOMDIR*")):
        name = directory.relative_to(folder).as_posix()
        yield judge("pydicom's test files", name, directory)


def made_rows(folder: Path) -> Iterator[Row]:
    """Rows of inputs that are made here, each in a folder of its own."""
    for number, (name, (write, policy)) in enumerate(MADE.items()):
        home = folder / f"{number:03d}" / "in"
        home.mkdir(parents=True)
        write(home)
        yield judge("Made here", name, home, policy)


def _series(**options: object) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        make.write_series(folder, make.ramp(5), **options)

    return write


def _passes(keyword: str, values: tuple[object, ...]) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        for number, value in enumerate(values):
            volume = make.ramp(4, start=number)
            make.write_series(folder / str(number), volume, modality="MR", **{keyword: value})

    return write


def _gap(folder: Path) -> None:
    for path in make.write_series(folder, make.ramp(6))[2:3]:
        path.unlink()


def _uneven(folder: Path) -> None:
    heights = (0, 4, 8, 12, 13, 18, 23, 28)
    make.write_series(folder, make.ramp(8), each=lambda i: {"position": (0, 0, heights[i])})


def _enhanced(**elements: object) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        places = [(0, 0, 3 * z) for z in range(4)]
        ds = make.enhanced_mr(make.ramp(4), positions=places, slopes=[1, 2, 3, 4], **elements)
        make.save(ds, folder / "enhanced")

    return write


def _zipped(method: int) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        with tempfile.TemporaryDirectory() as name:
            paths = make.write_series(name, make.ramp(4))
            with zipfile.ZipFile(folder / "study.zip", "w", method) as archive:
                for path in paths:
                    archive.write(path, f"deep/{path.name}")
                archive.writestr("notes.txt", "hello")
                archive.writestr("../escape", paths[0].read_bytes())

    return write


def _bomb(folder: Path) -> None:
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x", bytes(2_000_000))
    raw = bytearray((folder / "bomb.zip").read_bytes())
    # Packed a thousandfold already; made to state a thousand times more in its directory.
    struct.pack_into("<I", raw, raw.index(b"PK\x01\x02") + 24, 2_000_000_000)
    (folder / "bomb.zip").write_bytes(raw)


def _encrypted(folder: Path) -> None:
    with zipfile.ZipFile(folder / "secret.zip", "w") as archive:
        archive.writestr("x", b"hidden")
    raw = bytearray((folder / "secret.zip").read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    (folder / "secret.zip").write_bytes(raw)


def _copies(folder: Path) -> None:
    for path in make.write_series(folder, make.ramp(3)):
        path.with_name(path.name + "-copy").write_bytes(path.read_bytes())


def _contradiction(folder: Path) -> None:
    make.write_series(folder / "a", make.ramp(1), SOPInstanceUID="1.2.9")
    make.write_series(folder / "b", make.ramp(1, start=3), SOPInstanceUID="1.2.9")


def _patients(folder: Path) -> None:
    make.write_series(folder / "a", make.ramp(3), PatientID="1")
    make.write_series(folder / "b", make.ramp(3), PatientID="2")


def _repeats(folder: Path) -> None:
    for number in range(2):
        make.write_series(folder / str(number), make.ramp(3), InstanceNumber=1)


def _truncated(folder: Path) -> None:
    for path in make.write_series(folder, make.ramp(2)):
        path.write_bytes(path.read_bytes()[:-9])


def _map(folder: Path) -> None:
    values = np.arange(60, dtype=np.float32).reshape(3, 4, 5)
    places = [(0, 0, 3 * z) for z in range(3)]
    ds = make.enhanced_mr(values, positions=places, slopes=[1] * 3)
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.30"
    ds.FloatPixelData = values.tobytes()
    del ds.PixelData, ds.BitsStored, ds.HighBit, ds.PixelRepresentation
    make.save(ds, folder / "map")


def _deflated(folder: Path) -> None:
    for index, pixels in enumerate(make.ramp(3)):
        ds = make.image(pixels, position=(0, 0, index))
        make.save(ds, folder / str(index), syntax=UID("1.2.840.10008.1.2.1.99"))


def _other_things(folder: Path) -> None:
    (folder / "letter.dcm").write_text("dear colleague")
    (folder / "empty").write_bytes(b"")
    (folder / "mask.nii.gz").write_bytes(b"\x1f\x8b\x08")
    (folder / "images.tar.gz").write_bytes(b"\x1f\x8b\x08")
    (folder / "gone").symlink_to(folder / "nowhere")


TILT = {"step": (0.4, 0.6, 2.5)}
MADE: dict[str, tuple[Callable[[Path], None], GeometryPolicy]] = {
    "regular CT series": (_series(), STRICT),
    "oblique CT series": (
        _series(orientation=(0.6, 0.8, 0, -0.8, 0.6, 0), step=(0, 0, 3)),
        STRICT,
    ),
    "series without UIDs": (_series(SeriesInstanceUID="", SOPInstanceUID=""), STRICT),
    "gantry tilt": (_series(**TILT), STRICT),
    "gantry tilt, sheared on request": (_series(**TILT), GeometryPolicy(on_tilt="shear")),
    "missing slice": (_gap, STRICT),
    "missing slice, resampled on request": (_gap, GeometryPolicy(on_gap="resample")),
    "uneven spacing": (_uneven, STRICT),
    "uneven spacing, resampled on request": (_uneven, GeometryPolicy(on_uneven="resample")),
    "phases by acquisition number": (_passes("AcquisitionNumber", (1, 2, 3)), STRICT),
    "phases by temporal position": (_passes("TemporalPositionIdentifier", (1, 2)), STRICT),
    "phases by trigger time": (_passes("TriggerTime", ("0", "30000")), STRICT),
    "phases by content time": (_passes("ContentTime", ("120000", "120030")), STRICT),
    "two echoes": (_passes("EchoTime", ("2.3", "4.6")), STRICT),
    "two b-values": (_passes("DiffusionBValue", (50.0, 800.0)), STRICT),
    "in and out of phase": (_passes("ImageType", (["O", "P", "IN"], ["O", "P", "OUT"])), STRICT),
    "two kernels": (_passes("ConvolutionKernel", ("B30f", "B70f")), STRICT),
    "repeats that nothing tells apart": (_repeats, STRICT),
    "two patients, one series UID": (_patients, STRICT),
    "every file twice": (_copies, STRICT),
    "one SOP instance UID, two contents": (_contradiction, STRICT),
    "enhanced MR, a slope for each frame": (_enhanced(), STRICT),
    "legacy converted CT": (
        _enhanced(SOPClassUID="1.2.840.10008.5.1.4.1.1.2.2", Modality="CT"),
        STRICT,
    ),
    "parametric map of floats": (_map, STRICT),
    "deflated files": (_deflated, STRICT),
    "truncated files": (_truncated, STRICT),
    "zip archive, stored": (_zipped(zipfile.ZIP_STORED), STRICT),
    "zip archive, packed": (_zipped(zipfile.ZIP_DEFLATED), STRICT),
    "encrypted zip archive": (_encrypted, STRICT),
    "zip bomb": (_bomb, STRICT),
    "no images at all": (_other_things, STRICT),
}

HEAD = """# What happens to each input

Made by `make ingest-table` (`benchmarks/ingest_table.py`), which reads every input whole and
fails where anything raises, where a file has no line in its ledger, or where counts do not
add up. {count} inputs. The states: **used** (the only volume of its series), **split** (one of
several volumes of its series), **skipped** (no image of this program), **refused** (an image
that cannot be used as it is). A reason stands once for all files that share it.
"""


def page(rows: list[Row]) -> str:
    """The rows as Markdown, a table for each group."""
    parts = [HEAD.format(count=len(rows))]
    for group in dict.fromkeys(row.group for row in rows):
        parts.append(
            f"\n## {group}\n\n| input | files | what | volumes | why |\n|---|--:|---|---|---|"
        )
        parts += [line_of(row) for row in rows if row.group == group] + [""]
    return "\n".join(parts).rstrip() + "\n"


def line_of(row: Row) -> str:
    """One row as a line of a Markdown table."""
    cells = (row.name, str(row.files), row.states, row.volumes, row.reasons)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    data = Path(os.environ.get("LIVERSEG_TEST_DATA", ROOT / ".." / "shared" / "data")).resolve()
    if not data.is_dir():
        print(f"no test data at {data}; set LIVERSEG_TEST_DATA")
        return 2
    warnings.simplefilter("ignore")
    rows = list(rows_of(data))
    options.out.write_text(page(rows), encoding="utf-8")
    print(f"{len(rows)} inputs, {sum(row.files for row in rows)} files: {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
