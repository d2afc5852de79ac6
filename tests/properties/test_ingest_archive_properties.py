"""Damaged archives and DICOMDIRs end in a ledger in which every file has its line."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

import dicom_factory as make
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from liverseg.ingest import ledger_json, read_study

MANY = settings(max_examples=80, deadline=None, derandomize=True)
names = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=30
).filter(lambda name: not name.endswith("/"))


def image_bytes():
    with tempfile.TemporaryDirectory() as folder:
        (path,) = make.write_series(folder, make.ramp(1))
        return path.read_bytes()


def directory_bytes():
    directory = Dataset()
    directory.SOPClassUID = "1.2.840.10008.1.3.10"
    directory.SOPInstanceUID = "1.2.3.4.5.6"
    record = Dataset()
    record.DirectoryRecordType = "IMAGE"
    record.ReferencedFileID = ["IMAGES", "A"]
    directory.DirectoryRecordSequence = [record, Dataset()]
    with tempfile.TemporaryDirectory() as folder:
        path = make.save(directory, Path(folder) / "DICOMDIR", syntax=ExplicitVRLittleEndian)
        return path.read_bytes()


def archive_bytes(method):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr("a/x", IMAGE)
        archive.writestr("DICOMDIR", DIRECTORY)
        archive.writestr("notes.txt", b"hello")
    return packed.getvalue()


IMAGE, DIRECTORY = image_bytes(), directory_bytes()
SEEDS = (archive_bytes(zipfile.ZIP_STORED), archive_bytes(zipfile.ZIP_DEFLATED), DIRECTORY)


def read_bytes(**files):
    """Read files that are made of bytes; returns the ledger after its sums are checked."""
    with tempfile.TemporaryDirectory() as name:
        for title, content in files.items():
            (Path(name) / title).write_bytes(content)
        study = read_study(name)
    plain = ledger_json(study.ledger)
    assert plain["files"] == len(plain["entries"]) == len({e["path"] for e in plain["entries"]})
    assert plain["files"] == sum(plain[s] for s in ("used", "split", "skipped", "refused"))
    assert all(entry["reason"] for entry in plain["entries"])
    assert {entry["path"] for entry in plain["entries"]} >= set(files)
    return study


def test_the_seeds_are_what_they_should_be():
    study = read_bytes(z=SEEDS[1])
    told = {entry.path: entry.state.value for entry in study.ledger.entries}
    assert told == {
        "z": "skipped",
        "z!/DICOMDIR": "skipped",
        "z!/IMAGES/A": "refused",
        "z!/a/x": "used",
        "z!/notes.txt": "skipped",
    }


@MANY
@given(seed=st.sampled_from(SEEDS), cut=st.floats(0, 1))
def test_cut_archives_and_directories_never_raise(seed, cut):
    read_bytes(x=seed[: int(len(seed) * cut)])


@MANY
@given(
    seed=st.sampled_from(SEEDS),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=10),
    from_the_end=st.booleans(),
)
def test_flipped_archives_and_directories_never_raise(seed, changes, from_the_end):
    content = bytearray(seed)
    for place, value in changes:
        # The directory of an archive is at its end: most of what decides stands there.
        reach = min(300, len(content)) if from_the_end else len(content)
        content[len(content) - 1 - int(place * (reach - 1))] = value
    read_bytes(x=bytes(content), y=seed)


@MANY
@given(members=st.dictionaries(names, st.sampled_from((IMAGE, b"text", b"")), max_size=5))
def test_any_names_of_members_have_their_line(members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    study = read_bytes(x=packed.getvalue())
    assert len(study.ledger.entries) == 1 + len(members)


@MANY
@given(parts=st.lists(names, min_size=1, max_size=4))
def test_any_names_in_a_directory_have_their_line(parts):
    directory = Dataset()
    directory.SOPClassUID, directory.SOPInstanceUID = "1.2.840.10008.1.3.10", "1.2.3.4.5.6"
    record = Dataset()
    record.add_new(
        "ReferencedFileID", "CS", [part.encode("ascii", "replace").decode() for part in parts]
    )
    directory.DirectoryRecordSequence = [record]
    with tempfile.TemporaryDirectory() as folder:
        content = make.save(directory, Path(folder) / "d").read_bytes()
    study = read_bytes(DICOMDIR=content)
    assert len(study.ledger.entries) in (1, 2)
