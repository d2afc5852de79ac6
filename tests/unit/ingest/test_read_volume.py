"""Stored numbers to values: type, scale, unit, and errors that name the file."""

from __future__ import annotations

from pathlib import Path

import dicom_factory as make
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from liverseg.errors import InputError
from liverseg.ingest import read_volume, scan_folder


def read_only(folder):
    (record,) = scan_folder(folder).series
    return record, read_volume(record)


def test_whole_values_become_int16_hounsfield(tmp_path):
    volume = make.ramp(3)
    make.write_series(tmp_path, volume)
    record, read = read_only(tmp_path)
    assert (read.unit, read.array.dtype) == ("HU", np.int16)
    assert np.array_equal(read.array, volume.astype(int) - 1024)
    assert read.grid is record.grid
    assert not read.array.flags.writeable


def test_each_slice_has_its_own_slope(tmp_path):
    volume = make.ramp(3)
    make.write_series(
        tmp_path, volume, modality="MR", each=lambda i: {"RescaleSlope": str(1.5 + i)}
    )
    _, read = read_only(tmp_path)
    assert (read.unit, read.array.dtype) == ("au", np.float32)
    assert np.allclose(read.array, volume * np.array([1.5, 2.5, 3.5])[:, None, None])


def test_values_too_large_for_int16_become_float(tmp_path):
    volume = make.ramp(3, start=65000 - 40)
    make.write_series(tmp_path, volume, RescaleIntercept="0", RescaleSlope="2")
    _, read = read_only(tmp_path)
    assert read.array.dtype == np.float32
    assert np.array_equal(read.array, volume.astype(float) * 2)


def test_the_first_slices_survive_the_change_to_float(tmp_path):
    volume = np.stack([np.full((4, 5), value, np.uint16) for value in (7, 9, 60000)])
    make.write_series(tmp_path, volume, RescaleIntercept="-24")
    _, read = read_only(tmp_path)
    assert [float(s[0, 0]) for s in read.array] == [-17, -15, 59976]


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16])
def test_whole_slopes_stay_whole(tmp_path, dtype):
    volume = make.ramp(2, dtype=dtype)
    make.write_series(tmp_path, volume, RescaleSlope="3", RescaleIntercept="-5")
    _, read = read_only(tmp_path)
    assert read.array.dtype == np.int16
    assert np.array_equal(read.array, volume.astype(int) * 3 - 5)


def test_padding_and_negative_values_are_kept(tmp_path):
    volume = make.ramp(2, dtype=np.int16, start=-2000)
    make.write_series(tmp_path, volume, PixelPaddingValue=-2000)
    _, read = read_only(tmp_path)
    assert read.array.min() == -3024


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
)
def test_every_plain_syntax_gives_the_same_values(tmp_path, syntax):
    volume = make.ramp(3, dtype=np.int16, start=-9)
    for index, pixels in enumerate(volume):
        stored = pixels.astype(">i2") if syntax == ExplicitVRBigEndian else pixels
        ds = make.image(pixels, position=(0, 0, index), RescaleIntercept="0")
        ds.PixelData = stored.tobytes()
        make.save(ds, tmp_path / str(index), syntax=syntax)
    _, read = read_only(tmp_path)
    assert np.array_equal(read.array, volume)


def test_run_length_encoding_gives_the_same_values(tmp_path):
    volume = make.ramp(2)
    for index, pixels in enumerate(volume):
        ds = make.image(pixels, position=(0, 0, index))
        path = make.save(ds, tmp_path / str(index))
        ds = dcmread(path)
        ds.compress(RLELossless)
        ds.save_as(path)
    _, read = read_only(tmp_path)
    assert np.array_equal(read.array, volume.astype(int) - 1024)


def test_overlays_in_unused_bits_do_not_become_values(tmp_path):
    clean = make.ramp(2, start=100)
    make.write_series(tmp_path, clean | 0x8000, BitsStored=12, HighBit=11)
    _, read = read_only(tmp_path)
    assert np.array_equal(read.array, clean.astype(int) - 1024)


def test_a_twelve_bit_sign_is_extended(tmp_path):
    make.write_series(
        tmp_path,
        np.full((2, 4, 5), 0x0FFF, np.int16),
        BitsStored=12,
        HighBit=11,
        RescaleIntercept="0",
    )
    _, read = read_only(tmp_path)
    assert set(np.unique(read.array)) == {-1}


def test_inverted_display_is_a_doubt_not_an_inversion(tmp_path):
    volume = make.ramp(2)
    make.write_series(tmp_path, volume, PhotometricInterpretation="MONOCHROME1")
    record, read = read_only(tmp_path)
    assert np.array_equal(read.array, volume.astype(int) - 1024)
    assert "MONOCHROME1" in record.doubts[0].reason


@pytest.mark.parametrize(
    ("kind", "image_type", "unit", "doubt"),
    [
        ("HU", "ORIGINAL", "HU", ""),
        ("US", "ORIGINAL", "HU", "taken as HU"),
        ("US", "DERIVED", "au", "not taken for Hounsfield"),
        ("OD", "ORIGINAL", "au", "not taken for Hounsfield"),
    ],
)
def test_ct_is_hounsfield_unless_the_header_says_otherwise(tmp_path, kind, image_type, unit, doubt):
    make.write_series(
        tmp_path, make.ramp(2), RescaleType=kind, ImageType=[image_type, "PRIMARY", "AXIAL"]
    )
    record, read = read_only(tmp_path)
    assert record.unit == read.unit == unit
    assert doubt in "".join(d.reason for d in record.doubts)


def adc(folder, **elements):
    make.write_series(
        folder, make.ramp(2), modality="MR", ImageType=["DERIVED", "PRIMARY", "ADC"], **elements
    )
    return read_only(folder)


@pytest.mark.parametrize(
    ("kind", "factor"),
    [("10^-6 mm^2/s", 1e-6), ("mm2/s", 1.0), ("10-3 mm2/s", 1e-3), ("um2/s", 1e-6)],
)
def test_an_adc_map_comes_in_its_unit(tmp_path, kind, factor):
    record, read = adc(tmp_path, RescaleType=kind, RescaleSlope="2", RescaleIntercept="1")
    assert record.unit == "mm2/s"
    assert record.doubts == ()
    assert np.allclose(read.array, (make.ramp(2) * 2.0 + 1) * factor)


def test_an_adc_map_by_real_world_values(tmp_path):
    mapping, code = Dataset(), Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "um2/s", "UCUM", "um2/s"
    mapping.MeasurementUnitsCodeSequence = [code]
    mapping.RealWorldValueSlope, mapping.RealWorldValueIntercept = 0.5, 0.0
    record, read = adc(tmp_path, RealWorldValueMappingSequence=[mapping])
    assert record.unit == "mm2/s"
    assert np.allclose(read.array, make.ramp(2) * 0.5e-6)


def test_an_adc_map_without_unit_stays_arbitrary_with_a_doubt(tmp_path):
    record, read = adc(tmp_path)
    assert record.unit == read.unit == "au"
    assert "unit of this ADC map is not stated" in record.doubts[0].reason
    assert np.array_equal(read.array, make.ramp(2))


def test_an_enhanced_object_has_a_slope_a_frame(tmp_path):
    volume = make.ramp(4)
    positions = [(0, 0, z) for z in (9, 6, 3, 0)]
    make.save(make.enhanced_mr(volume, positions=positions, slopes=[1, 2, 3, 4.5]), tmp_path / "e")
    record, read = read_only(tmp_path)
    assert [s.frame for s in record.slices] == [3, 2, 1, 0]
    assert np.allclose(read.array, (volume * np.array([1, 2, 3, 4.5])[:, None, None])[::-1])
    assert record.grid.spacing_mm == pytest.approx((3, 0.8, 0.7))


def test_an_enhanced_object_may_hold_two_volumes(tmp_path):
    volume = make.ramp(6)
    positions = [(0, 0, 3 * (i // 2)) for i in range(6)]
    types = [["ORIGINAL", "PRIMARY", "T1", "M" if i % 2 else "P"] for i in range(6)]
    make.save(
        make.enhanced_mr(volume, positions=positions, slopes=[1] * 6, types=types), tmp_path / "e"
    )
    ledger = scan_folder(tmp_path)
    (entry,) = ledger.entries
    assert (entry.state.value, entry.reason) == (
        "split",
        "holds 2 of 2 volumes in its series, by ImageType",
    )
    values = [read_volume(record).array for record in ledger.series]
    assert np.array_equal(values[0], volume[::2])
    assert np.array_equal(values[1], volume[1::2])


def test_an_enhanced_object_can_be_partly_refused(tmp_path):
    heights = [0, 3, 6, 9, 0, 3, 9]
    types = [["ORIGINAL", "PRIMARY", "T1", "M" if i < 4 else "P"] for i in range(7)]
    ds = make.enhanced_mr(
        make.ramp(7), positions=[(0, 0, z) for z in heights], slopes=[1] * 7, types=types
    )
    make.save(ds, tmp_path / "e")
    (entry,) = scan_folder(tmp_path).entries
    assert entry.state.value == "split"
    assert "some frames are refused: 1 slice(s) missing" in entry.reason


def test_an_enhanced_object_that_miscounts_is_refused(tmp_path):
    ds = make.enhanced_mr(make.ramp(3), positions=[(0, 0, z) for z in range(3)], slopes=[1] * 3)
    ds.NumberOfFrames = 2
    make.save(ds, tmp_path / "e")
    (entry,) = scan_folder(tmp_path).entries
    assert (entry.state.value, entry.reason) == ("refused", "describes 3 of its 2 frames")


def test_reading_reports_progress(tmp_path):
    make.write_series(tmp_path, make.ramp(4))
    (record,) = scan_folder(tmp_path).series
    shares = []
    read_volume(record, progress=lambda text, share: shares.append(share))
    assert shares == [0, 0.25, 0.5, 0.75, 1.0]


def test_a_file_that_went_away_or_changed_is_named(tmp_path):
    paths = make.write_series(tmp_path, make.ramp(3))
    (record,) = scan_folder(tmp_path).series
    make.save(make.image(make.ramp(1, (9, 9))[0], position=(0, 0, 0)), paths[1])
    with pytest.raises(InputError, match="when scanned"):
        read_volume(record)
    paths[1].unlink()
    with pytest.raises(InputError, match="cannot be read any more") as error:
        read_volume(record)
    assert str(paths[1]) in str(error.value)


def test_a_file_cut_after_the_scan_is_named(tmp_path):
    paths = make.write_series(tmp_path, make.ramp(3))
    (record,) = scan_folder(tmp_path).series
    paths[2].write_bytes(paths[2].read_bytes()[:-6])
    with pytest.raises(InputError, match="ends before its pixels do"):
        read_volume(record)


def test_a_scale_that_changed_after_the_scan_is_named(tmp_path):
    paths = make.write_series(tmp_path, make.ramp(2))
    (record,) = scan_folder(tmp_path).series
    ds = dcmread(paths[0])
    ds.RescaleType = "OD"
    ds.save_as(paths[0])
    with pytest.raises(InputError, match="a slice is in au but its series in HU"):
        read_volume(record)


def test_damaged_compressed_pixels_are_named(tmp_path):
    path = Path(make.write_series(tmp_path, make.ramp(1, (16, 16)))[0])
    ds = dcmread(path)
    ds.compress(RLELossless)
    ds.save_as(path)
    raw = bytearray(path.read_bytes())
    at = raw.index(b"\xfe\xff\x00\xe0", raw.index(b"\xe0\x7f\x10\x00") + 20)
    raw[at + 8 : at + 40] = b"\xff" * 32
    path.write_bytes(bytes(raw))
    (record,) = scan_folder(tmp_path).series
    with pytest.raises(InputError, match="pixels cannot be decoded") as error:
        read_volume(record)
    assert str(path) in str(error.value)
