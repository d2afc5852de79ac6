"""Kinds of objects beyond classic CT and MR, and files whose identity is odd."""

from __future__ import annotations

import shutil
import zipfile

import dicom_factory as make
import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless

from liverseg.ingest import read_study, scan_folder

LEGACY_CT, LEGACY_MR = "1.2.840.10008.5.1.4.1.1.2.2", "1.2.840.10008.5.1.4.1.1.4.4"
ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"
MAP = "1.2.840.10008.5.1.4.1.1.30"


def fates(ledger):
    return {entry.path: (entry.state.value, entry.reason) for entry in ledger.entries}


@pytest.mark.parametrize(
    ("sop_class", "modality", "unit"),
    [
        (ENHANCED_CT, "CT", "HU"),
        (LEGACY_CT, "CT", "HU"),
        (LEGACY_MR, "MR", "au"),
        (make.ENHANCED_MR, "MR", "au"),
    ],
)
def test_enhanced_and_legacy_converted_objects(tmp_path, sop_class, modality, unit):
    volume = make.ramp(4)
    ds = make.enhanced_mr(
        volume[[2, 0, 3, 1]],
        positions=[(0, 0, 5.0 * z) for z in (2, 0, 3, 1)],
        slopes=[3, 1, 4, 2],
        SOPClassUID=sop_class,
        Modality=modality,
    )
    make.save(ds, tmp_path / "e")
    (read,) = read_study(tmp_path).volumes
    assert np.array_equal(read.array, volume.astype(int) * np.arange(1, 5)[:, None, None])
    assert read.unit == unit
    assert read.record.modality == modality
    assert read.grid.spacing_mm == pytest.approx((5, 0.8, 0.7))


def mapping(slope, intercept, unit):
    item = Dataset()
    item.RealWorldValueSlope, item.RealWorldValueIntercept = slope, intercept
    item.RealWorldValueFirstValueMapped, item.RealWorldValueLastValueMapped = 0, 4095
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = unit, "UCUM", unit
    item.MeasurementUnitsCodeSequence = [code]
    return item


def parametric_map(values, *, unit="ms", keyword=None):
    ds = make.enhanced_mr(
        values, positions=[(0, 0, 3.0 * z) for z in range(len(values))], slopes=[1] * len(values)
    )
    ds.SOPClassUID, ds.Modality = MAP, "MR"
    for frame in ds.PerFrameFunctionalGroupsSequence:
        del frame.PixelValueTransformationSequence
        if unit:
            frame.RealWorldValueMappingSequence = [mapping(0.5, 2.0, unit)]
    if keyword:
        del ds.PixelData, ds.BitsStored, ds.HighBit, ds.PixelRepresentation
        setattr(ds, keyword, values.tobytes())
    return ds


@pytest.mark.parametrize(
    ("dtype", "keyword"),
    [(np.float32, "FloatPixelData"), (np.float64, "DoubleFloatPixelData"), (np.uint16, None)],
)
def test_a_parametric_map_comes_in_its_unit(tmp_path, dtype, keyword):
    values = (np.arange(60).reshape(3, 4, 5) * (0.25 if keyword else 1)).astype(dtype)
    make.save(parametric_map(values, keyword=keyword), tmp_path / "map")
    (read,) = read_study(tmp_path).volumes
    assert read.unit == "ms"
    assert read.array.dtype == np.float32
    assert np.array_equal(read.array, values * 0.5 + 2)


@pytest.mark.parametrize(
    ("unit", "ours", "factor"),
    [("1", "1", 1), ("um2/s", "mm2/s", 1e-6), ("[hnsf'U]", "HU", 1), ("%", "%", 1)],
)
def test_units_of_maps(tmp_path, unit, ours, factor):
    values = np.arange(40, dtype=np.float32).reshape(2, 4, 5)
    make.save(parametric_map(values, unit=unit, keyword="FloatPixelData"), tmp_path / "map")
    (read,) = read_study(tmp_path).volumes
    assert read.unit == ours
    assert np.allclose(read.array, (values * 0.5 + 2) * factor)


def test_a_map_without_a_mapping_is_doubted(tmp_path):
    values = np.arange(40, dtype=np.float32).reshape(2, 4, 5)
    make.save(parametric_map(values, unit="", keyword="FloatPixelData"), tmp_path / "map")
    (read,) = read_study(tmp_path).volumes
    assert read.unit == "au"
    assert any("does not say what its values measure" in d.reason for d in read.record.doubts)


def test_scaled_mr_is_in_the_unit_of_its_mapping(tmp_path):
    volume = make.ramp(3)
    make.write_series(
        tmp_path / "t1",
        volume,
        modality="MR",
        RealWorldValueMappingSequence=[mapping(0.1, -5.0, "ms")],
        RescaleSlope="7",
    )
    make.write_series(
        tmp_path / "signal",
        volume,
        modality="MR",
        RealWorldValueMappingSequence=[mapping(0.1, 0.0, "1")],
        RescaleSlope="7",
        RescaleIntercept="0",
        SeriesInstanceUID="1.2.3.8",
    )
    read = {v.unit: v.array for v in read_study(tmp_path).volumes}
    assert np.allclose(read["ms"], volume * 0.1 - 5)
    assert np.array_equal(read["au"], volume.astype(int) * 7)  # "no unit" is plain signal


@pytest.mark.parametrize("intercept", [0, 3])
def test_slices_of_a_scaled_map_have_scales_of_their_own(tmp_path, intercept):
    volume = make.ramp(3)
    make.write_series(
        tmp_path,
        volume,
        modality="MR",
        each=lambda i: {
            "RealWorldValueMappingSequence": [mapping(0.5 * (i + 1), float(intercept), "ms")]
        },
    )
    (read,) = read_study(tmp_path).volumes
    assert np.allclose(read.array, volume * [[[0.5]], [[1.0]], [[1.5]]] + intercept)


# Splitting.


def test_reconstructions_of_two_thicknesses_come_apart(tmp_path):
    make.write_series(tmp_path / "thick", make.ramp(3), step=(0, 0, 5), SliceThickness="5")
    make.write_series(tmp_path / "thin", make.ramp(9), step=(0, 0, 1.25), SliceThickness="1.25")
    ledger = scan_folder(tmp_path)
    assert sorted(len(r.slices) for r in ledger.series) == [3, 9]
    assert {r.split_by for r in ledger.series} == {"SliceThickness"}


@pytest.mark.parametrize(
    ("each", "split_by"),
    [
        ({"ConvolutionKernel": ["B30f", "B70f"]}, "ConvolutionKernel"),
        ({"TriggerTime": ["0", "20000"]}, "TriggerTime"),
        ({"ContentTime": ["120000", "120100"]}, "ContentTime"),
        ({"InversionTime": ["100", "400"]}, "InversionTime"),
        ({"FlipAngle": ["5", "15"]}, "FlipAngle"),
        ({"ImageType": [["ORIGINAL", "M", "IN"], ["ORIGINAL", "M", "OUT"]]}, "ImageType"),
        ({"ImageType": [["DERIVED", "M", "SUB"], ["ORIGINAL", "M", "M"]]}, "ImageType"),
    ],
)  # fmt: skip
def test_each_attribute_that_splits_is_named(tmp_path, each, split_by):
    ((keyword, values),) = each.items()
    for k, value in enumerate(values):
        make.write_series(
            tmp_path / str(k), make.ramp(3, start=k), modality="MR", **{keyword: value}
        )
    ledger = scan_folder(tmp_path)
    assert [r.split_by for r in ledger.series] == [split_by] * 2
    assert all(f"by {split_by}" in e.reason for e in ledger.entries)


# Identity.


def test_two_patients_in_one_folder_stay_apart_whatever_their_uids(tmp_path):
    # Both copies of an anonymiser that gave everybody the same UIDs.
    make.write_series(tmp_path, make.ramp(3), PatientID="1", SOPInstanceUID="")
    for path in list(tmp_path.iterdir()):
        path.rename(path.with_name("a" + path.name))
    make.write_series(tmp_path, make.ramp(3, start=9), PatientID="2", SOPInstanceUID="")
    ledger = scan_folder(tmp_path)
    assert len(ledger.series) == 2
    assert {r.split_by for r in ledger.series} == {"PatientID"}
    assert len({r.patient for r in ledger.series}) == 2
    assert ledger.count("split") == 6


def test_mixed_frames_of_reference_are_two_volumes(tmp_path):
    make.write_series(tmp_path / "a", make.ramp(3))
    make.write_series(tmp_path / "b", make.ramp(3, start=5), FrameOfReferenceUID="1.2.3.77")
    ledger = scan_folder(tmp_path)
    assert {r.split_by for r in ledger.series} == {"FrameOfReferenceUID"}
    assert {r.grid.frame_of_reference for r in ledger.series} == {"1.2.3.9", "1.2.3.77"}


def test_copies_in_an_archive_beside_the_files_are_skipped(tmp_path):
    paths = make.write_series(tmp_path / "a", make.ramp(3))
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            archive.write(path, path.name)
    ledger = scan_folder(tmp_path)
    assert ledger.count("used") == 3
    assert fates(ledger)["b.zip!/f001"] == ("skipped", "is a copy of a/f001")


def test_copies_without_any_uid_are_skipped_and_others_kept(tmp_path):
    paths = make.write_series(tmp_path / "a", make.ramp(3), SOPInstanceUID="")
    for path in paths:
        shutil.copy(path, path.with_name("z" + path.name))
    ledger = scan_folder(tmp_path)
    assert ledger.count("used") == 3
    assert fates(ledger)["a/zf001"] == ("skipped", "is a copy of a/f001")


def test_one_uid_for_different_pixels_is_refused_also_in_archives(tmp_path):
    make.write_series(tmp_path / "a", make.ramp(1), SOPInstanceUID="1.2.9")
    (other,) = make.write_series(tmp_path / "b", make.ramp(1, start=3), SOPInstanceUID="1.2.9")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.write(other, "x")
    shutil.rmtree(tmp_path / "b")
    told = fates(scan_folder(tmp_path))
    assert told["a/f000"] == (
        "refused",
        "has the same SOP instance UID as b.zip!/x but another content",
    )
    assert told["b.zip!/x"][0] == "refused"


def test_a_compressed_image_that_announces_gigabytes_is_refused(tmp_path):
    ds = make.image(make.ramp(1)[0], position=(0, 0, 0))
    ds.PixelData = encapsulate([b"\xff\x4f\xff\x51 and little else"])
    ds.Rows = ds.Columns = 40_000
    make.save(ds, tmp_path / "x", syntax=JPEG2000Lossless)
    shutil.copy(tmp_path / "x", tmp_path / "y")
    with (tmp_path / "y").open("ab") as stream:
        stream.write(b"\0" * 8)
    told = fates(scan_folder(tmp_path / "x"))
    assert told["x"][0] == "refused"
    assert told["x"][1].startswith("implausible")
    assert {state for state, _ in fates(scan_folder(tmp_path)).values()} == {"refused"}
