"""The own header walk reads what pydicom reads, or leaves the file to pydicom."""

from __future__ import annotations

import struct
import tempfile
from pathlib import Path

import dicom_factory as make
import header_twins as twins
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from pydicom.datadict import dictionary_VR

from liverseg.ingest.header_tags import TAGS
from liverseg.ingest.headers import HeaderReader

LONG = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}
CHARSETS = ("", "ISO_IR 6", "ISO_IR 100", "ISO_IR 192", "ISO_IR 13", "\\ISO 2022 IR 87", "nonsense")
UNDEFINED = b"\xff\xff\xff\xff"

words = st.text(st.sampled_from("AbC19 .-+^=\\\0\x1b\tüß§日"), max_size=9)
decimals = st.one_of(
    st.floats(allow_nan=True).map(repr),
    st.sampled_from(
        ["1", "-0.5", "+3.", ".5", "1e3", " 7 ", "1_0", "0x1", "1,5", "1\\2\\3", "\\", ""]
    ),
)
whole = st.one_of(
    st.integers(-(10**12), 10**12).map(str), st.sampled_from([" 4", "4 \0", "007", "1.0", "\\3"])
)


@st.composite
def raw_values(draw, vr):
    """Bytes for an element: mostly right for its value representation, sometimes not."""
    if vr == "SQ":
        return draw(sequences())[0]
    if vr in ("US", "SS", "UL", "SL", "FL", "FD"):
        size = struct.calcsize(
            {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d"}[vr]
        )
        count = size * draw(st.integers(0, 3)) + draw(st.sampled_from([0, 0, 0, 1]))
        return draw(st.binary(min_size=count, max_size=count))
    kind = {"DS": decimals, "IS": whole}.get(vr, words)
    data = draw(kind).encode(draw(st.sampled_from(["latin-1", "utf-8"])), "replace")
    return data + draw(st.sampled_from([b"", b" ", b"\0", b"  \0"]))


@st.composite
def elements(draw, tag, vr, value=None):
    raw = draw(raw_values(vr)) if value is None else value
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr.encode()
    if vr == "SQ" and draw(st.booleans()):
        return head + b"\0\0" + UNDEFINED + raw + b"\xfe\xff\xdd\xe0" + bytes(4)
    if vr in LONG:
        return head + b"\0\0" + struct.pack("<I", len(raw)) + raw
    return head + struct.pack("<H", len(raw)) + raw


@st.composite
def datasets(draw, depth=0):
    """Raw elements in order: some that ingest reads, some private ones, a few of a wrong kind."""
    names = draw(st.lists(st.sampled_from(twins.KEYWORDS[:]), max_size=8, unique=True))
    parts = {}
    for name in names:
        tag, vr = TAGS[name], dictionary_VR(TAGS[name])
        if tag >> 16 < 8 or name == "SpecificCharacterSet" or (vr == "SQ" and depth > 2):
            continue
        if draw(st.integers(0, 9)) == 0:
            vr = draw(st.sampled_from(["LO", "UN", "OB", "CS", "US", "UI", "LT"]))
        parts[tag] = draw(elements(tag, vr))
    if draw(st.booleans()):
        parts[0x00091001] = draw(elements(0x00091001, "UN", draw(st.binary(max_size=20))))
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        charset = draw(st.sampled_from(CHARSETS)).encode()
        parts[0x00080005] = draw(elements(0x00080005, "CS", charset))
    return b"".join(parts[tag] for tag in sorted(parts))


@st.composite
def sequences(draw, depth=1):
    body = b""
    for _ in range(draw(st.integers(0, 3))):
        item = draw(datasets(depth=depth + 1))
        if draw(st.booleans()):
            body += b"\xfe\xff\x00\xe0" + struct.pack("<I", len(item)) + item
        else:
            body += b"\xfe\xff\x00\xe0" + UNDEFINED + item + b"\xfe\xff\x0d\xe0" + bytes(4)
    return body, depth


def file_of(dataset):
    uid = b"1.2.840.10008.1.2.1\0"
    head = b"\x02\x00\x10\x00UI" + struct.pack("<H", len(uid)) + uid
    return bytes(128) + b"DICM" + head + dataset + b"\xe0\x7f\x10\x00OW\0\0\x02\0\0\0ab"


@settings(max_examples=60, deadline=None, derandomize=True)
@given(dataset=datasets())
def test_any_dataset_reads_as_by_pydicom(dataset):
    event("walked" if twins.assert_twins(file_of(dataset)) else "left to pydicom")


def seed_files():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain, sibling = make.write_series(
            folder,
            make.ramp(2),
            SeriesDescription="seed é",
            SpecificCharacterSet="ISO_IR 100",
            EchoTime="3",
            AcquisitionTime="101500.5",
            ContentTime="101501",
        )
        volume = make.ramp(3)
        enhanced = make.enhanced_mr(
            volume, positions=[(0, 0, z) for z in range(3)], slopes=[1, 2, 3]
        )
        open_ended = make.enhanced_mr(
            volume, positions=[(0, 0, z) for z in range(3)], slopes=[1, 2, 3]
        )
        for keyword in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
            open_ended[keyword].is_undefined_length = True
            for item in open_ended[keyword].value:
                item.is_undefined_length_sequence_item = True
        made = [make.save(ds, folder / str(i)) for i, ds in enumerate((enhanced, open_ended))]
        return [path.read_bytes() for path in (plain, sibling, *made)]


SEEDS = seed_files()
changes = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 255), st.sampled_from(["set", "cut", "double"])),
    min_size=1,
    max_size=4,
)


def damaged(seed, how):
    content = bytearray(seed)
    for place, value, what in how:
        at = int(place * (len(content) - 1))
        if what == "set":
            content[at] = value
        elif what == "cut":
            del content[at : at + value % 7]
        else:
            content[at:at] = content[at : at + value % 40]
    return bytes(content)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(seed=st.sampled_from(SEEDS), how=changes)
def test_damaged_files_read_as_by_pydicom(seed, how):
    twins.assert_twins(damaged(seed, how))


@settings(max_examples=120, deadline=None, derandomize=True)
@given(seed=st.sampled_from(SEEDS), how=changes)
def test_damaged_files_are_judged_as_by_pydicom(seed, how):
    """Also after healthy siblings of the file have been read."""
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        reader = HeaderReader()
        for number, content in enumerate((*SEEDS, damaged(seed, how))):
            path = Path(name) / str(number)
            path.write_bytes(content)
            found = twins.judged(path, reader)
        assert found == twins.judged_by_pydicom(path, patch)
