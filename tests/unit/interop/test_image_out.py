"""Images out: what is written is read back in its place, with its values."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.interop.series_files import (
    FRAME,
    SHAPE,
    about_two_axes,
    header,
    turned_grid,
    values,
    written,
)

from liverseg.errors import InteropError
from liverseg.geometry import Grid, Volume
from liverseg.ingest import read_volume, scan_folder
from liverseg.interop import uid_of, write_images
from liverseg.records import FileState

unit = st.floats(-1.0, 1.0)
turns = st.tuples(unit, unit, unit, unit).filter(lambda q: np.linalg.norm(q) > 0.1)
steps = st.tuples(st.floats(0.8, 6.0), st.floats(0.3, 3.0), st.floats(0.3, 3.0))
origins = st.tuples(*[st.floats(-900.0, 900.0)] * 3)


def rotation_of(quaternion: tuple[float, ...]) -> np.ndarray:
    w, x, y, z = np.asarray(quaternion) / np.linalg.norm(quaternion)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def test_an_oblique_series_comes_back_in_its_place_with_its_values(tmp_path):
    grid = turned_grid(about_two_axes())
    paths = write_images(Volume(values(), grid, "HU"), tmp_path, header=header())
    ledger = scan_folder(tmp_path)
    assert ledger.count(FileState.USED) == len(paths) == 5
    (record,) = ledger.series
    volume = read_volume(record)
    assert volume.grid.distance_to_mm(grid) < 1e-3
    assert volume.grid.frame_of_reference == FRAME
    assert volume.unit == "HU"
    assert np.array_equal(volume.array, values())
    assert [Path(source.path) for source in record.slices] == list(paths)
    assert record.doubts == ()


@given(turns, steps, origins)
@settings(max_examples=15, deadline=None)
def test_any_orientation_comes_back_within_a_thousandth_of_a_millimetre(turn, spacing, origin):
    shape = (3, 4, 5)
    grid = turned_grid(rotation_of(turn), spacing_mm=spacing, origin=origin, shape=shape)
    with tempfile.TemporaryDirectory() as folder:
        write_images(Volume(values(shape), grid, "HU"), Path(folder), header=header())
        (record,) = scan_folder(folder).series
        volume = read_volume(record)
    assert volume.grid.distance_to_mm(grid) < 1e-3
    assert np.array_equal(volume.array, values(shape))


def test_slices_that_run_against_the_normal_come_back_turned_round(tmp_path):
    """Readers count slices along row x column; no voxel moves for it."""
    mirrored = turned_grid(np.diag([1.0, 1.0, -1.0]))
    record = written(tmp_path, mirrored)
    volume = read_volume(record)
    last = SHAPE[0] - 1
    assert np.array_equal(volume.array, values()[::-1])
    assert volume.grid.to_lps_mm((last, 2, 3)) == pytest.approx(mirrored.to_lps_mm((0, 2, 3)))


def test_what_the_headers_say(tmp_path):
    record = written(tmp_path)
    assert (record.number, record.description) == (4, "Leber µ portal")
    assert (record.modality, record.date, record.study_description) == (
        "CT",
        "2015-06-01",
        "PHANTOM CT",
    )
    assert record.is_phantom
    assert record.facts.acquisition_time_s == 10 * 3600 + 15 * 60 + 30
    datasets = [pydicom.dcmread(source.path) for source in record.slices]
    assert [ds.InstanceNumber for ds in datasets] == [5, 4, 3, 2, 1]
    assert len({ds.SOPInstanceUID for ds in datasets}) == 5
    first = datasets[0]
    assert first.SOPClassUID == pydicom.uid.CTImageStorage
    assert first.file_meta.MediaStorageSOPInstanceUID == first.SOPInstanceUID
    assert (first.PatientName, first.PatientID) == ("Phantom^Test", "P1")
    assert first.SpacingBetweenSlices == 2.5
    assert (first.RescaleSlope, first.RescaleIntercept, first.RescaleType) == (1, 0, "HU")


def test_the_same_volume_gives_the_same_bytes(tmp_path):
    for name in ("one", "other"):
        written(tmp_path / name)
    for path in sorted((tmp_path / "one").iterdir()):
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes()


def test_mr_has_no_rescale_and_its_signal_no_unit(tmp_path):
    record = written(tmp_path, modality="MR", more={"RepetitionTime": 4.1, "EchoTime": 1.9})
    first = pydicom.dcmread(record.slices[0].path)
    assert first.SOPClassUID == pydicom.uid.MRImageStorage
    assert "RescaleSlope" not in first
    assert (record.unit, record.modality) == ("au", "MR")
    assert (record.facts.repetition_time_ms, record.facts.echo_time_ms) == (4.1, 1.9)
    assert np.array_equal(read_volume(record).array, values())


def test_an_adc_map_says_its_unit(tmp_path):
    more = {
        "ImageType": ["DERIVED", "PRIMARY", "ADC"],
        "RescaleSlope": "1",
        "RescaleIntercept": "0",
        "RescaleType": "10-6 mm2/s",
    }
    record = written(tmp_path, modality="MR", more=more)
    assert record.unit == "mm2/s"
    assert read_volume(record).array == pytest.approx(values() * 1e-6)


@pytest.mark.parametrize("dtype", [np.uint16, np.float32, np.int32])
def test_another_type_is_refused_before_a_file_is_made(tmp_path, dtype):
    volume = Volume(np.zeros(SHAPE, dtype), turned_grid(np.eye(3)), "HU")
    with pytest.raises(InteropError, match=np.dtype(dtype).name):
        write_images(volume, tmp_path / "out", header=header())
    assert not (tmp_path / "out").exists()


def test_a_sheared_grid_is_refused_before_a_file_is_made(tmp_path):
    matrix = np.diag([2.0, 1.0, 1.0, 1.0])[[2, 1, 0, 3]]
    matrix[1, 0] = 0.3  # each slice 0.3 mm further back: a tilted gantry
    volume = Volume(values(), Grid(SHAPE, matrix), "HU")
    with pytest.raises(InteropError, match="sheared") as caught:
        write_images(volume, tmp_path / "out", header=header())
    assert "out" in str(caught.value)
    assert not (tmp_path / "out").exists()


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="|")), min_size=1))
def test_a_uid_is_valid_and_always_the_same_for_its_words(words):
    uid = pydicom.uid.UID(uid_of(*words))
    assert uid.is_valid
    assert len(uid) <= 64
    assert uid.startswith("2.25.")
    assert uid_of(*words) == uid
    assert uid_of(*words, "more") != uid


def test_uids_do_not_change_between_versions():
    """Files made from the same words by an earlier version carry the same UIDs."""
    assert uid_of("series", "3") == "2.25.309667320967740193862191678078329294927"
    assert uid_of("a", "b") != uid_of("b", "a")
    assert uid_of("ab") != uid_of("a", "b")
