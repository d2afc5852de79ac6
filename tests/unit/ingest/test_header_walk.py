"""What the own header walk reads, what it leaves to pydicom, and how siblings are used."""

from __future__ import annotations

import ast
import dataclasses
import struct
from pathlib import Path

import dicom_factory as make
import header_twins as twins
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
)

import liverseg.ingest
from liverseg.ingest import headers, scan_folder
from liverseg.ingest.header_tags import TAGS
from liverseg.ingest.headers import HeaderReader
from liverseg.ingest.walk import FoundFile


def test_the_table_of_tags_agrees_with_pydicoms_dictionary():
    assert {keyword: tag_for_keyword(keyword) for keyword in TAGS} == TAGS


def test_every_element_that_ingest_asks_for_is_in_the_table():
    """A missing one costs nothing but the speed of the whole scan, so nobody would notice."""
    asked = set()
    for path in Path(liverseg.ingest.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                asked.add(node.value)
    keywords = {name for name in asked if name.isalpha() and tag_for_keyword(name) is not None}
    # Named in messages and in calls of pydicom only.
    assert keywords - set(TAGS) <= {"PixelData", "FloatPixelData", "DoubleFloatPixelData"}


def test_plain_and_enhanced_files_are_walked(tmp_path):
    (path,) = make.write_series(tmp_path, make.ramp(1), SeriesDescription="x")
    assert twins.assert_twins(path.read_bytes())
    positions = [(0, 0, z) for z in range(3)]
    enhanced = make.enhanced_mr(make.ramp(3), positions=positions, slopes=[1, 2, 3])
    assert twins.assert_twins(make.save(enhanced, tmp_path / "e").read_bytes())


@pytest.mark.parametrize("open_ended", [False, True])
def test_nested_sequences_are_walked_whatever_way_they_end(tmp_path, open_ended):
    deepest, middle, icon = Dataset(), Dataset(), Dataset()
    deepest.CodeValue, deepest.CodeMeaning = "um2/s", "Müller"
    middle.MeasurementUnitsCodeSequence = [deepest, Dataset()]
    middle.RealWorldValueSlope = 0.5
    icon.PixelData = b"ab"
    icon["PixelData"].VR = "OB"
    ds = make.image(
        make.ramp(1)[0],
        position=(0, 0, 0),
        SpecificCharacterSet="ISO_IR 192",
        RealWorldValueMappingSequence=[middle],
        IconImageSequence=[icon],
    )
    for sequence in (ds["RealWorldValueMappingSequence"], middle["MeasurementUnitsCodeSequence"]):
        sequence.is_undefined_length = open_ended
        for item in sequence.value:
            item.is_undefined_length_sequence_item = open_ended
    data = make.save(ds, tmp_path / "x").read_bytes()
    assert twins.assert_twins(data)
    header, _ = twins.walked(data)
    (item,) = header.get("RealWorldValueMappingSequence")
    assert item.get("MeasurementUnitsCodeSequence")[0].get("CodeMeaning") == "Müller"


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
)
def test_other_encodings_are_left_to_pydicom(tmp_path, syntax):
    path = make.save(make.image(make.ramp(1)[0], position=(0, 0, 0)), tmp_path / "x", syntax=syntax)
    assert twins.walked(path.read_bytes()) is None


def element(tag, vr, value):
    return struct.pack("<HH2sH", tag >> 16, tag & 0xFFFF, vr, len(value)) + value


@pytest.mark.parametrize(
    "odd",
    [
        element(0x00080060, b"CS", b"CT") * 2,
        element(0x00100020, b"LO", b"42") + element(0x00080060, b"CS", b"CT"),
        element(0x00080060, b"ZZ", b"CT"),
        b"\x08\x00\x60\x00UN\0\0\xff\xff\xff\xff" + b"\xfe\xff\xdd\xe0" + bytes(4),
        b"\xfe\xff\x0d\xe0" + bytes(4),
        b"\x08\x00\x60\x00CS\xff\x00CT",
        b"\x18\x00\x12\x00SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0" + bytes(3),
    ],
    ids=["twice", "order", "vr", "undefined", "mark", "longer", "cut"],
)
def test_anything_odd_is_left_to_pydicom(odd):
    uid = element(0x00020010, b"UI", b"1.2.840.10008.1.2.1\0")
    assert twins.walked(bytes(128) + b"DICM" + uid + odd) is None


def test_a_header_longer_than_the_first_piece_is_walked(tmp_path, monkeypatch):
    def never(*_):
        raise AssertionError("pydicom was asked")

    monkeypatch.setattr(headers, "_read_by_pydicom", never)
    path = tmp_path / "x"
    ds = make.image(make.ramp(1)[0], position=(0, 0, 0))
    ds.private_block(0x0009, "LIVERSEG TEST", create=True).add_new(1, "OB", bytes(300_000))
    make.save(ds, path)
    assert isinstance(HeaderReader().read(FoundFile(path, "x")), tuple)


def test_siblings_are_judged_as_each_would_be_alone(tmp_path):
    def each(index):
        return {
            "AcquisitionTime": f"10150{index}",
            "ContentTime": "101501",
            "InstanceNumber": 7 - index,
            "SliceThickness": "9" if index < 5 else "8",
            **({"PhotometricInterpretation": "MONOCHROME1"} if index in (2, 3) else {}),
        }

    make.write_series(tmp_path, make.ramp(7), each=each)
    reader = HeaderReader()
    for path in sorted(tmp_path.iterdir()):
        assert twins.judged(path, reader) == twins.judged(path)


@pytest.mark.parametrize(
    "elements",
    [
        {"ImagePositionPatient": None},
        {"AcquisitionTime": "1x1500"},
        {"AcquisitionTime": None, "AcquisitionDateTime": "20240102101500"},
        {"BitsStored": 12},
        {"Rows": 0},
        {"InstanceNumber": None},
    ],
)
def test_a_sibling_that_differs_in_what_matters_is_judged_by_itself(
    tmp_path, elements, monkeypatch
):
    make.write_series(tmp_path, make.ramp(2), AcquisitionTime="101500", ContentTime="101500")
    first, second = sorted(tmp_path.iterdir())
    ds = dcmread(second)
    for keyword, value in elements.items():
        if value is None:
            delattr(ds, keyword)
        else:
            setattr(ds, keyword, value)
    second.unlink()
    make.save(ds, second)
    reader = HeaderReader()
    twins.judged(first, reader)
    assert twins.judged(second, reader) == twins.judged_by_pydicom(second, monkeypatch)


def test_a_cut_sibling_is_refused(tmp_path):
    first, second = make.write_series(tmp_path, make.ramp(2))
    second.write_bytes(second.read_bytes()[:-3])
    reader = HeaderReader()
    twins.judged(first, reader)
    assert twins.judged(second, reader).reason.startswith("truncated")


def test_real_headers_read_as_by_pydicom(shared_data):
    count = 0
    for path in sorted((shared_data / "geometry").rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            count += data[128:132] == b"DICM" and twins.assert_twins(data)
    assert count > 150


def test_a_scan_needs_neither_pydicom_nor_more_than_its_dictionary(tmp_path):
    """The headers of a plain study are read without loading pydicom: memory and start-up."""
    import subprocess
    import sys

    make.write_series(tmp_path, make.ramp(3))
    code = (
        "import sys\nfrom liverseg.ingest import read_volume, scan_folder\n"
        f"(record,) = scan_folder({str(tmp_path)!r}, cache=False).series\n"
        "read_volume(record)\n"
        "print([name for name in ('pydicom', 'scipy', 'SimpleITK') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_records_say_where_their_pixels_lie(tmp_path):
    volume = make.ramp(3, dtype=np.int16)
    make.write_series(tmp_path, volume, BitsStored=12, HighBit=11)
    (record,) = scan_folder(tmp_path).series
    for source, stored, pixels in zip(record.slices, record.stored, volume, strict=True):
        assert (stored.dtype, stored.bits, stored.shape) == ("<i2", 12, (4, 5))
        ((offset, length),) = stored.pieces
        assert Path(source.path).read_bytes()[offset : offset + length] == pixels.tobytes()
        assert stored.size == Path(source.path).stat().st_size
    assert dataclasses.asdict(record.stored[0])["unit"] == "HU"
