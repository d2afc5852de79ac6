"""DICOM SEG out and in again: voxels, place, names, codes and what it was drawn on."""

from __future__ import annotations

from dataclasses import replace

import highdicom as hd
import numpy as np
import pydicom
import pytest
from unit.interop.series_files import FRAME, about_two_axes, turned_grid, written

from liverseg.errors import InputError, InteropError
from liverseg.geometry import Code, Label, LabelMap, place_labels
from liverseg.interop import SegHeader, merge_labels, read_masks, uid_of, write_seg

LIVER = Code("10200004", "SCT", "Liver")
HEADER = SegHeader("test", uid_of("seg series"), uid_of("seg instance"))


def two_labels(record) -> LabelMap:
    array = np.zeros(record.grid.shape, dtype=np.uint8)
    array[1:3, 2:5, 1:4] = 4
    array[2:4, 0:2, 3:7] = 9
    labels = (Label(4, "liver", LIVER), Label(9, "Läsion 1"))
    return LabelMap(array, record.grid, labels)


@pytest.fixture
def record(tmp_path):
    return written(tmp_path / "images")


def test_labels_come_back_as_items_with_names_codes_and_voxels(record, tmp_path):
    labels = two_labels(record)
    path = write_seg(labels, record, tmp_path / "new" / "two.dcm", header=HEADER)
    masks = read_masks(path)
    assert [mask.name for mask in masks] == ["liver", "Läsion 1"]
    assert [mask.labels.values for mask in masks] == [(1,), (2,)]
    assert masks[0].labels.labels[0].code == LIVER
    assert masks[1].labels.labels[0].code.value == "52988006"
    for mask, value in zip(masks, (4, 9), strict=True):
        placed = place_labels(mask.labels, record.grid, where="test")
        assert np.array_equal(placed.mask(), labels.mask(value))
        assert mask.labels.grid.frame_of_reference == FRAME
        assert mask.drawn_on == (record.series_uid,)
        assert mask.doubts == ()
    assert list((tmp_path / "new").iterdir()) == [path]


def test_items_that_do_not_touch_merge_into_one_map(record, tmp_path):
    labels = two_labels(record)
    masks = read_masks(write_seg(labels, record, tmp_path / "two.dcm", header=HEADER))
    merged = place_labels(merge_labels(masks, where="two.dcm"), record.grid, where="test")
    assert np.array_equal(merged.mask(1), labels.mask(4))
    assert np.array_equal(merged.mask(2), labels.mask(9))
    assert [merged.name_of(value) for value in merged.values] == ["liver", "Läsion 1"]


def test_a_lone_item_is_called_like_its_file(record, tmp_path):
    labels = two_labels(record)
    one = LabelMap((labels.array == 9).astype(np.uint8), record.grid, (Label(1, "inside"),))
    header = replace(HEADER, tracking_uid="2.25.77", anatomy=False, description="PHANTOM R7")
    (mask,) = read_masks(write_seg(one, record, tmp_path / "R7.dcm", header=header))
    assert mask.name == "R7"
    seg = pydicom.dcmread(tmp_path / "R7.dcm")
    (item,) = seg.SegmentSequence
    assert (item.TrackingUID, item.TrackingID) == ("2.25.77", "inside")
    assert item.SegmentedPropertyCategoryCodeSequence[0].CodeValue == "49755003"
    assert (seg.SeriesDescription, seg.Manufacturer) == ("PHANTOM R7", "liverseg")
    assert (seg.SeriesInstanceUID, seg.SOPInstanceUID) == (HEADER.series_uid, HEADER.instance_uid)
    assert seg.StudyInstanceUID == record.study_uid
    assert seg.PatientID == "P1"


def test_empty_slices_are_left_out_and_come_back_where_they_lie_between(record, tmp_path):
    array = np.zeros(record.grid.shape, dtype=np.uint8)
    array[1, 1:3, 1:3] = array[3, 2:5, 2:6] = 1
    labels = LabelMap(array, record.grid)
    path = write_seg(labels, record, tmp_path / "gap.dcm", header=HEADER)
    assert pydicom.dcmread(path).NumberOfFrames == 2
    (mask,) = read_masks(path)
    assert mask.labels.grid.shape[0] == 3
    placed = place_labels(mask.labels, record.grid, where="test")
    assert np.array_equal(placed.array, array)


def test_a_hundredth_of_a_voxel_is_the_same_grid_half_a_voxel_is_not(record, tmp_path):
    labels = two_labels(record)
    near = LabelMap(labels.array, labels.grid.shifted((0.009, 0.0, 0.0)), labels.labels)
    assert write_seg(near, record, tmp_path / "near.dcm", header=HEADER).is_file()
    far = LabelMap(labels.array, labels.grid.shifted((0.4, 0.0, 0.0)), labels.labels)
    with pytest.raises(InteropError, match="labels are on") as caught:
        write_seg(far, record, tmp_path / "far.dcm", header=HEADER)
    assert record.title in str(caught.value)
    assert not (tmp_path / "far.dcm").exists()


def test_nothing_drawn_is_refused(record, tmp_path):
    empty = LabelMap(np.zeros(record.grid.shape, np.uint8), record.grid)
    with pytest.raises(InteropError, match="nothing to write"):
        write_seg(empty, record, tmp_path / "empty.dcm", header=HEADER)
    assert not (tmp_path / "empty.dcm").exists()


@pytest.mark.parametrize("keyword", ["PatientBirthDate", "StudyTime", "AccessionNumber", "StudyID"])
def test_images_that_an_anonymiser_went_over_can_be_drawn_on(record, tmp_path, keyword):
    for source in record.slices:
        dataset = pydicom.dcmread(source.path)
        delattr(dataset, keyword)
        dataset.save_as(source.path)
    labels = two_labels(record)
    masks = read_masks(write_seg(labels, record, tmp_path / "two.dcm", header=HEADER))
    assert len(masks) == 2
    assert pydicom.dcmread(tmp_path / "two.dcm")[keyword].is_empty


def test_a_write_that_fails_leaves_the_old_file_and_no_rest(record, tmp_path, monkeypatch):
    path = write_seg(two_labels(record), record, tmp_path / "two.dcm", header=HEADER)
    before = path.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(hd.seg.Segmentation, "save_as", full)
    with pytest.raises(OSError, match="no space"):
        write_seg(two_labels(record), record, path, header=HEADER)
    assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["images", "two.dcm"]


def test_a_fractional_seg_is_cut_at_one_half_with_a_doubt(tmp_path):
    record = written(tmp_path / "images", turned_grid(about_two_axes()))
    shares = np.zeros((*record.grid.shape, 1))
    shares[1, 1, 1:5, 0] = (0.25, 0.45, 0.55, 1.0)
    about = hd.seg.SegmentDescription(
        segment_number=1,
        segment_label="soft",
        segmented_property_category=hd.sr.CodedConcept("123037004", "SCT", "Anatomical Structure"),
        segmented_property_type=hd.sr.CodedConcept("10200004", "SCT", "Liver"),
        algorithm_type=hd.seg.SegmentAlgorithmTypeValues.MANUAL,
    )
    seg = hd.seg.Segmentation(
        source_images=[pydicom.dcmread(source.path) for source in record.slices],
        pixel_array=shares,
        segmentation_type=hd.seg.SegmentationTypeValues.FRACTIONAL,
        segment_descriptions=[about],
        series_instance_uid=uid_of("fractional"),
        series_number=5,
        sop_instance_uid=uid_of("fractional", "1"),
        instance_number=1,
        manufacturer="test",
        manufacturer_model_name="test",
        software_versions="1",
        device_serial_number="1",
    )
    seg.save_as(tmp_path / "soft.dcm")
    (mask,) = read_masks(tmp_path / "soft.dcm")
    placed = place_labels(mask.labels, record.grid, where="test")
    assert placed.array[1, 1].tolist() == [0, 0, 0, 1, 1, 0, 0]
    assert [doubt.reason for doubt in mask.doubts] == ["fractional segmentation, cut at one half"]


def test_a_seg_among_other_files_must_be_named_itself(record, tmp_path):
    folder = tmp_path / "masks"
    write_seg(two_labels(record), record, folder / "a.dcm", header=HEADER)
    (alone,) = {mask.source for mask in read_masks(folder)}
    assert alone == folder
    write_seg(two_labels(record), record, folder / "b.dcm", header=HEADER)
    with pytest.raises(InputError, match="2 files with a SEG among them"):
        read_masks(folder)
