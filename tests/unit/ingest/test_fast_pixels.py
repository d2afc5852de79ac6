"""Pixels straight into the array, frames decoded in threads: the same numbers as pydicom's."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import dicom_factory as make
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.encaps import encapsulate, get_frame
from pydicom.pixels import pixel_array
from pydicom.uid import (
    JPEG2000,
    UID,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from liverseg.errors import InputError
from liverseg.ingest import decode, pixels, read, read_volume, scan_folder
from liverseg.ingest.pixels import decode_frame

LOSSLESS = (JPEGLSLossless, JPEG2000Lossless, HTJ2KLossless, JPEGLosslessSV1, RLELossless)


def picture(bits, *, signed, shape=(32, 48), seed=0):
    """Smooth numbers with noise that use all of `bits`, the ends included."""
    source = np.random.default_rng(seed)
    low, high = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if signed else (0, (1 << bits) - 1)
    values = np.linspace(low, high, shape[0] * shape[1]).reshape(shape)
    values = np.clip(values + source.normal(0, 3, shape), low, high)
    values[0, 0], values[-1, -1] = low, high
    size = 1 if bits <= 8 else 2
    return np.rint(values).astype(f"{'i' if signed else 'u'}{size}")


def encoded(values, bits, syntax):
    """One frame in a transfer syntax."""
    codecs = pytest.importorskip("imagecodecs")
    if syntax == JPEGLosslessSV1:
        unsigned = values.view(f"u{values.dtype.itemsize}")
        return codecs.ljpeg_encode(unsigned, bitspersample=values.dtype.itemsize * 8)
    if syntax == HTJ2KLossless:
        return codecs.htj2k_encode(values, reversible=True)
    return codecs.jpeg2k_encode(
        values,
        codecformat="j2k",
        level=0 if syntax == JPEG2000Lossless else 60,
        reversible=syntax == JPEG2000Lossless,
        bitspersample=bits,
    )


def write(path, values, bits, syntax, **elements):
    ds = make.image(values, position=elements.pop("position", (0, 0, 0)), **elements)
    ds.BitsStored, ds.HighBit = bits, bits - 1
    if syntax in (RLELossless, JPEGLSLossless):
        make.save(ds, path)
        ds = dcmread(path)
        ds.compress(syntax)
        ds.save_as(path)
        return path
    ds.PixelData = encapsulate([bytes(encoded(values, bits, syntax))])
    ds["PixelData"].is_undefined_length = True
    return make.save(ds, path, syntax=syntax)


def frame_of(path, values, syntax):
    """The compressed bytes of 12-bit values."""
    return get_frame(dcmread(write(path, values, 12, syntax)).PixelData, 0, number_of_frames=1)


@pytest.fixture(params=["imagecodecs", "pydicom"])
def decoder(request, monkeypatch):
    """Both ways of decoding; the fast one where it is installed."""
    if request.param == "imagecodecs":
        pytest.importorskip("imagecodecs")
    else:
        monkeypatch.setattr(decode, "fast_codecs", lambda: None)
    return request.param


@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda uid: uid.name)
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("bits", [8, 12, 16])
def test_lossless_frames_come_out_as_by_pydicom(tmp_path, decoder, syntax, bits, signed):
    values = picture(bits, signed=signed)
    path = write(tmp_path / "x", values, bits, syntax)
    found = decode_frame(str(path), None)
    wanted = pixel_array(path, raw=True)
    assert found.dtype == wanted.dtype
    assert np.array_equal(found, wanted)
    if syntax not in (JPEGLosslessSV1, HTJ2KLossless):
        # Those two are written with 16 bits of precision whatever the header says.
        assert np.array_equal(found, values)


def test_lossy_frames_are_always_decoded_by_pydicom(tmp_path, decoder, monkeypatch):
    path = write(tmp_path / "x", picture(12, signed=False), 12, JPEG2000)
    if decoder == "imagecodecs":
        monkeypatch.setattr(decode.fast_codecs(), "jpeg2k_decode", None)
    assert np.array_equal(decode_frame(str(path), None), pixel_array(path, raw=True))


@pytest.mark.parametrize("header_bits", [12, 16])
def test_a_stream_of_another_precision_than_the_header_is_no_surprise(
    tmp_path, decoder, header_bits
):
    for syntax in (JPEG2000Lossless, JPEGLSLossless):
        for signed in (False, True):
            values = picture(13, signed=signed)
            path = write(tmp_path / "x", values, 13, syntax)
            ds = dcmread(path)
            ds.BitsStored, ds.HighBit = header_bits, header_bits - 1
            ds.save_as(path)
            assert np.array_equal(decode_frame(str(path), None), pixel_array(path, raw=True))


@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda uid: uid.name)
def test_a_compressed_series_is_read_in_order(tmp_path, decoder, syntax):
    volume = np.stack([picture(12, signed=True, seed=i) for i in range(9)])
    for index, values in enumerate(volume):
        write(
            tmp_path / f"{index * 7 % 9}",
            values,
            16 if syntax == JPEGLosslessSV1 else 12,
            syntax,
            position=(0, 0, index),
            RescaleIntercept="-24",
        )
    (record,) = scan_folder(tmp_path).series
    shares = []
    found = read_volume(record, progress=lambda _, share: shares.append(share))
    assert found.array.dtype == np.int16
    wanted = volume
    if syntax == HTJ2KLossless:
        wanted = np.stack([pixel_array(s.path, raw=True) for s in record.slices])
    assert np.array_equal(found.array, wanted.astype(int) - 24)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_compressed_values_that_do_not_fit_become_float(tmp_path, decoder):
    for index in range(5):
        values = picture(16, signed=False, seed=index) // (1 if index == 3 else 4)
        write(tmp_path / str(index), values, 16, JPEGLSLossless, position=(0, 0, index))
    (record,) = scan_folder(tmp_path).series
    found = read_volume(record).array
    wanted = [pixel_array(s.path, raw=True).astype(float) - 1024 for s in record.slices]
    assert found.dtype == np.float32
    assert np.array_equal(found, np.stack(wanted))


@pytest.mark.parametrize("syntax", [JPEGLSLossless, JPEG2000Lossless], ids=lambda uid: uid.name)
@pytest.mark.parametrize("table", [False, True])
@pytest.mark.parametrize("split", [False, True])
def test_compressed_multi_frame_objects(tmp_path, decoder, syntax, table, split):
    volume = np.stack([picture(12, signed=False, seed=i) for i in range(4)])
    ds = make.enhanced_mr(volume, positions=[(0, 0, z) for z in range(4)], slopes=[1, 1, 2, 1])
    ds.BitsStored, ds.HighBit = 12, 11
    frames = [frame_of(tmp_path / "one", values, syntax) for values in volume]
    (tmp_path / "one").unlink()
    ds.PixelData = encapsulate(frames, fragments_per_frame=2 if split else 1, has_bot=table)
    ds["PixelData"].is_undefined_length = True
    make.save(ds, tmp_path / "e", syntax=syntax)
    ledger = scan_folder(tmp_path)
    if split and not table:
        return  # Nothing says which fragments belong together; pydicom guesses by their ends.
    (record,) = ledger.series
    wanted = volume.astype(int) * np.array([1, 1, 2, 1])[:, None, None]
    assert np.array_equal(read_volume(record).array, wanted)


def test_damaged_frames_are_named_from_threads_too(tmp_path, decoder):
    for index in range(6):
        path = write(
            tmp_path / str(index),
            picture(12, signed=False, seed=index),
            12,
            JPEGLSLossless,
            position=(0, 0, index),
        )
        if index == 4:
            raw = bytearray(path.read_bytes())
            at = raw.index(b"\xff\xd8", raw.index(b"\xe0\x7f\x10\x00"))
            raw[at : at + 60] = bytes(60)
            path.write_bytes(bytes(raw))
            broken = path
    (record,) = scan_folder(tmp_path).series
    with pytest.raises(InputError, match="pixels cannot be decoded") as error:
        read_volume(record)
    assert error.value.where == str(broken)


def test_reading_a_scanned_series_parses_no_header(tmp_path, monkeypatch):
    volume = make.ramp(3)
    make.write_series(tmp_path, volume)
    (record,) = scan_folder(tmp_path).series

    def never(*_):
        raise AssertionError("a header was read")

    monkeypatch.setattr(pixels, "open_image", never)
    assert np.array_equal(read_volume(record).array, volume.astype(int) - 1024)


def test_a_record_without_places_is_read_all_the_same(tmp_path):
    """As one that comes back from a case file."""
    volume = make.ramp(3)
    make.write_series(tmp_path, volume)
    (record,) = scan_folder(tmp_path).series
    assert record.stored
    read_back = read_volume(replace(record, stored=()))
    assert np.array_equal(read_back.array, read_volume(record).array)


def test_a_touched_file_is_looked_at_again(tmp_path):
    """A change that leaves the size as it was is seen by the time of change."""
    paths = make.write_series(tmp_path, make.ramp(3), RescaleIntercept="-1024")
    (record,) = scan_folder(tmp_path).series
    raw = paths[1].read_bytes()
    paths[1].write_bytes(raw.replace(b"-1024 ", b"-1000 "))
    found = read_volume(record).array
    assert found[1, 0, 0] - found[0, 0, 0] == 20 + 24


@pytest.mark.parametrize("dtype", [np.int16, np.uint16, np.int8, np.uint8, np.int32, np.uint32])
@pytest.mark.parametrize("intercept", [0, -1024, 7, -40000, 32767])
@pytest.mark.parametrize("slope", [1, -1, 3])
def test_values_are_those_of_plain_arithmetic(tmp_path, dtype, intercept, slope):
    info = np.iinfo(dtype)
    for start in (0, max(info.min, -300), min(info.max, 65535) - 30):
        values = (start + np.arange(20).reshape(1, 4, 5)).astype(dtype)
        folder = tmp_path / f"{start}"
        make.write_series(folder, values, RescaleSlope=str(slope), RescaleIntercept=str(intercept))
        (record,) = scan_folder(folder).series
        found = read_volume(record).array
        wanted = values.astype(np.int64) * slope + intercept
        fits = wanted.min() >= -32768 and wanted.max() <= 32767
        assert found.dtype == (np.int16 if fits else np.float32)
        assert np.array_equal(found, wanted)


def test_frames_are_decoded_by_several_threads(tmp_path, monkeypatch):
    pytest.importorskip("imagecodecs")
    import threading

    for index in range(8):
        write(
            tmp_path / str(index),
            picture(12, signed=False, seed=index),
            12,
            JPEGLSLossless,
            position=(0, 0, index),
        )
    (record,) = scan_folder(tmp_path).series
    monkeypatch.setattr(read, "_cores", lambda: 2)
    both = threading.Barrier(2, timeout=20)
    real, count = read.decode, iter(range(99))

    def decode_together(data, stored, room):
        if next(count) < 2:
            both.wait()  # Passes only when two frames are being decoded at once.
        return real(data, stored, room)

    monkeypatch.setattr(read, "decode", decode_together)
    assert read_volume(record).array.shape == (8, 32, 48)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux")
def test_memory_stays_near_the_size_of_the_pixels(tmp_path):
    """In a fresh process: not more than 60 MB beside the array itself."""
    volume = np.zeros((48, 512, 512), np.int16)
    make.write_series(tmp_path, volume)
    code = (
        "from pathlib import Path\nfrom liverseg.ingest import read_volume, scan_folder\n"
        f"(record,) = scan_folder({str(tmp_path)!r}, cache=False).series\n"
        "volume = read_volume(record)\n"
        # Not ru_maxrss: that starts with what the parent held when it forked.
        "status = dict(line.split(':', 1) for line in open('/proc/self/status'))\n"
        "print((int(status['VmHWM'].split()[0]) * 1024 - volume.array.nbytes) / 1e6)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 60


def test_the_uids_of_the_fast_decoders_are_those_of_the_standard():
    assert all(UID(uid).is_compressed for uid in decode._FAST)
