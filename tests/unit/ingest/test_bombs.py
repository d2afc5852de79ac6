"""Files that unpack to far more than they are, and streams that lie about their size."""

from __future__ import annotations

import struct
import zlib

import dicom_factory as make
import numpy as np
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import UID, JPEG2000Lossless, JPEGLosslessSV1, JPEGLSLossless, RLELossless

from liverseg.errors import InputError
from liverseg.ingest import read_study, scan_folder
from liverseg.ingest.codestream import check_stream, stream_shape

DEFLATED = UID("1.2.840.10008.1.2.1.99")
#: Start of streams of 1 x 2 pixels, as far as their size: JPEG lossless with a comment and
#: fill bytes before its frame head, JPEG-LS, JPEG 2000 plain and in boxes.
JPEG = b"\xff\xd8\xff\xfe\x00\x04hi\xff\xff\xc3\x00\x0b\x10\x00\x01\x00\x02\x01\x01\x11\x00"
JPEG_LS = b"\xff\xd8\xff\xf7\x00\x0b\x10\x00\x01\x00\x02\x01\x01\x11\x00"
JPEG_2000 = b"\xff\x4f\xff\x51\x00\x29\x00\x00" + struct.pack(">8I", 5, 4, 3, 3, 5, 4, 0, 0)
BOXED = b"\x00\x00\x00\x0cjP  \r\n\x87\n" + b"box" * 9 + JPEG_2000


@pytest.mark.parametrize("stream", [JPEG, JPEG_LS, JPEG_2000, BOXED])
def test_every_kind_of_stream_tells_its_size(stream):
    assert stream_shape(stream) == (1, 2)
    check_stream(stream, (1, 2))
    with pytest.raises(InputError, match="is 1 x 2 pixels, but its header says 4 x 5"):
        check_stream(stream, (4, 5))


@pytest.mark.parametrize("stream", [b"", b"\xff\xd8", b"\xff\xd8\xff\xd9", JPEG[:9], b"rle"])
def test_a_stream_without_a_size_is_left_to_its_decoder(stream):
    assert stream_shape(stream) is None
    check_stream(stream, (4, 5))


@pytest.mark.parametrize(
    ("syntax", "stream"),
    [(JPEGLosslessSV1, JPEG), (JPEGLSLossless, JPEG_LS), (JPEG2000Lossless, JPEG_2000)],
)
def test_a_stream_of_another_size_is_refused_before_it_is_decoded(tmp_path, syntax, stream):
    ds = make.image(make.ramp(1)[0], position=(0, 0, 0))
    ds.PixelData = encapsulate([stream])
    make.save(ds, tmp_path / "x", syntax=syntax)
    study = read_study(tmp_path)
    (entry,) = study.ledger.entries
    assert entry.state.value == "refused"
    assert "its compressed image is 1 x 2 pixels, but its header says 4 x 5" in entry.reason


def test_a_deflated_file_that_unpacks_to_too_much_is_refused(tmp_path):
    ds = make.image(make.ramp(1)[0], position=(0, 0, 0))
    raw = make.save(ds, tmp_path / "x", syntax=DEFLATED).read_bytes()
    assert scan_folder(tmp_path).count("used") == 1
    start = 144 + struct.unpack("<I", raw[140:144])[0]
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(zlib.decompress(raw[start:], -15))
    body += packer.compress(bytes(80_000_000)) + packer.flush()
    (tmp_path / "x").write_bytes(raw[:start] + body)
    (entry,) = scan_folder(tmp_path).entries
    assert entry.state.value == "refused"
    assert "bomb" in entry.reason


def test_a_blank_file_of_many_frames_is_no_bomb(tmp_path):
    frames = 40
    ds = make.enhanced_mr(
        np.zeros((frames, 64, 64), np.uint16),
        positions=[(0, 0, z) for z in range(frames)],
        slopes=[1] * frames,
    )
    ds.file_meta = make.FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = make.ExplicitVRLittleEndian
    ds.compress(RLELossless)
    make.save(ds, tmp_path / "x", syntax=RLELossless)
    (volume,) = read_study(tmp_path).volumes
    assert not volume.array.any()


def test_many_frames_in_few_bytes_are_implausible(tmp_path):
    frames = 30
    ds = make.enhanced_mr(
        np.zeros((frames, 2, 2), np.uint8),
        positions=[(0, 0, z) for z in range(frames)],
        slopes=[1] * frames,
    )
    ds.PixelData = encapsulate([b"no picture"] * frames)
    ds.Rows = ds.Columns = 4000
    make.save(ds, tmp_path / "x", syntax=RLELossless)
    (entry,) = scan_folder(tmp_path).entries
    assert entry.state.value == "refused"
    assert entry.reason.startswith("implausible: a file of")
    assert "30 x 4000 x 4000 pixels" in entry.reason
