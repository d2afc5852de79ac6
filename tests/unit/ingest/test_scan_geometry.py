"""From positions to a regular grid, or to the numbers that say why not."""

from __future__ import annotations

import dicom_factory as make
import numpy as np
import pytest

from liverseg.ingest import read_volume, scan_folder


def scan(folder):
    ledger = scan_folder(folder)
    reasons = {entry.reason for entry in ledger.entries if entry.state.value == "refused"}
    return ledger.series, reasons


def test_slices_are_ordered_by_position_not_by_number_or_name(tmp_path):
    volume = make.ramp(5, dtype=np.int16)
    make.write_series(
        tmp_path,
        volume,
        RescaleIntercept="0",
        each=lambda i: {"position": (1, 2, 40 - 3 * i), "InstanceNumber": (3 * i) % 5},
    )
    ((record,), _) = scan(tmp_path)
    read = read_volume(record)
    assert np.array_equal(read.array, volume[::-1])
    assert np.allclose(record.grid.to_lps_mm((0, 0, 0)), (1, 2, 28))
    assert np.allclose(record.grid.to_lps_mm((4, 1, 2)), (1 + 2 * 0.7, 2 + 0.8, 40))
    assert [s.path for s in read.slices] == [s.path for s in record.slices]


def test_slice_axis_follows_the_normal_of_an_oblique_stack(tmp_path):
    row, column = np.array([0, 1, 0.0]), np.array([0, 0, -1.0])  # sagittal: normal is -x
    make.write_series(tmp_path, make.ramp(4), orientation=(*row, *column), step=(2, 0, 0))
    ((record,), _) = scan(tmp_path)
    assert np.allclose(record.grid.axes_lps[:, 0], np.cross(row, column))
    assert np.allclose(record.grid.to_lps_mm((0, 0, 0)), (-10 + 6, -20, 30))
    assert np.allclose(record.grid.spacing_mm, (2, 0.8, 0.7))


def test_spacing_comes_from_positions_not_from_thickness(tmp_path):
    make.write_series(tmp_path, make.ramp(4), SliceThickness="5", SpacingBetweenSlices="7")
    ((record,), _) = scan(tmp_path)
    assert record.grid.spacing_mm[0] == pytest.approx(2.5)
    assert record.facts.slice_thickness_mm == 5


@pytest.mark.parametrize("step", [0.625, 1.25, 5.0])
def test_positions_rounded_to_a_tenth_of_a_millimetre_are_regular(tmp_path, step):
    make.write_series(
        tmp_path, make.ramp(9), each=lambda i: {"position": (0, 0, round(step * i, 1))}
    )
    ((record,), _) = scan(tmp_path)
    assert record.grid.spacing_mm[0] == pytest.approx(step, abs=0.01)


def test_a_missing_slice_names_the_gap(tmp_path):
    heights = [0, 5, 10, 20, 25]
    make.write_series(tmp_path, make.ramp(5), each=lambda i: {"position": (0, 0, heights[i])})
    series, reasons = scan(tmp_path)
    assert series == ()
    assert reasons == {
        "1 slice(s) missing: the step is 5.00 mm but the gap between 10.00 and 20.00 mm is 10.00 mm"
    }


def test_uneven_spacing_names_the_range(tmp_path):
    heights = [0, 4, 8, 13.5, 19]
    make.write_series(tmp_path, make.ramp(5), each=lambda i: {"position": (0, 0, heights[i])})
    _, reasons = scan(tmp_path)
    assert reasons == {"the slices are not evenly spaced: gaps from 4.00 to 5.50 mm over 5 slices"}


def test_a_tilted_gantry_names_the_angle(tmp_path):
    make.write_series(tmp_path, make.ramp(6), step=(0, 5 * np.tan(np.radians(12)), 5))
    series, reasons = scan(tmp_path)
    assert series == ()
    (reason,) = reasons
    assert reason.startswith("gantry tilt: the stack leans 12.0 degrees off the slice normal")


def test_one_slice_out_of_line_is_found(tmp_path):
    make.write_series(
        tmp_path, make.ramp(5), each=lambda i: {"position": (3 if i == 2 else 0, 0, 2 * i)}
    )
    _, reasons = scan(tmp_path)
    assert reasons == {"a slice is shifted 3.00 mm in its plane against the others"}


def test_rounding_of_a_thin_short_stack_is_no_tilt(tmp_path):
    make.write_series(tmp_path, make.ramp(2), step=(0.01, 0, 1))
    ((record,), _) = scan(tmp_path)
    assert record.grid.is_orthogonal
    assert record.grid.spacing_mm[0] == pytest.approx(1)


def test_one_slice_takes_its_size_from_the_header_with_a_doubt(tmp_path):
    make.write_series(tmp_path / "a", make.ramp(1), SpacingBetweenSlices="6")
    make.write_series(tmp_path / "b", make.ramp(1), SeriesInstanceUID="1.9", SliceThickness="4")
    make.write_series(tmp_path / "c", make.ramp(1), SeriesInstanceUID="1.10", SliceThickness="")
    series, _ = scan(tmp_path)
    found = {r.grid.spacing_mm[0]: r.doubts[0].reason for r in series}
    assert "SpacingBetweenSlices" in found[6.0]
    assert "SliceThickness" in found[4.0]
    assert "unknown thickness" in found[1.0]


def test_phases_of_one_series_are_split_by_acquisition_number(tmp_path):
    volume = make.ramp(9)
    make.write_series(
        tmp_path,
        volume,
        each=lambda i: {"position": (0, 0, 3 * (i % 3)), "AcquisitionNumber": 7 - i // 3},
        AcquisitionTime="100000",
    )
    series, _ = scan(tmp_path)
    assert [record.key for record in series] == ["1.2.3.4", "1.2.3.4#2", "1.2.3.4#3"]
    assert {record.split_by for record in series} == {"AcquisitionNumber"}
    assert {record.facts.acquisition_number for record in series} == {5, 6, 7}
    ledger = scan_folder(tmp_path)
    assert ledger.entries[0].state.value == "split"
    assert "by AcquisitionNumber" in ledger.entries[0].reason


def test_a_regular_series_is_not_split_by_acquisition_number(tmp_path):
    """Cutting good volumes into pieces is the other half of the mistake."""
    make.write_series(tmp_path, make.ramp(8), each=lambda i: {"AcquisitionNumber": i // 4})
    ((record,), _) = scan(tmp_path)
    assert len(record.slices) == 8
    assert record.split_by == ""


def test_two_slabs_of_one_series_are_split(tmp_path):
    make.write_series(
        tmp_path,
        make.ramp(8),
        each=lambda i: {"AcquisitionNumber": i // 4, "position": (0, 0, 2 * i + 33 * (i // 4))},
    )
    series, _ = scan(tmp_path)
    assert [len(record.slices) for record in series] == [4, 4]
    assert series[0].split_by == "AcquisitionNumber"


def test_echoes_b_values_and_image_types_are_told_apart(tmp_path):
    for name, values in {
        "EchoTime": ["20", "80"],
        "DiffusionBValue": [50.0, 800.0],
        "ImageType": [["DERIVED", "PRIMARY", "IN_PHASE"], ["DERIVED", "PRIMARY", "OUT_PHASE"]],
    }.items():
        make.write_series(
            tmp_path / name,
            make.ramp(8),
            modality="MR",
            SeriesInstanceUID=f"1.2.{len(name)}",
            each=lambda i, name=name, values=values: {
                "position": (0, 0, 4 * (i // 2)),
                name: values[i % 2],
            },
        )
        series, reasons = scan(tmp_path / name)
        assert reasons == set()
        assert [record.split_by for record in series] == [name, name]
        assert [len(record.slices) for record in series] == [4, 4]


def test_echo_and_time_together_make_four_volumes(tmp_path):
    make.write_series(
        tmp_path,
        make.ramp(12),
        modality="MR",
        each=lambda i: {
            "position": (0, 0, 4 * (i // 4)),
            "EchoTime": str(2 + i % 2),
            "TemporalPositionIdentifier": 1 + (i // 2) % 2,
        },
    )
    series, _ = scan(tmp_path)
    assert len(series) == 4
    assert {record.split_by for record in series} == {"EchoTime, TemporalPositionIdentifier"}


def test_a_volume_that_straddles_a_second_stays_whole(tmp_path):
    def each(i):
        at, phase = i % 5, i // 5
        seconds = 10 * phase + (1 if at > 2 else 0)
        return {
            "position": (0, 0, 2 * at),
            "AcquisitionTime": f"1000{seconds:02d}",
            "InstanceNumber": i,
        }

    make.write_series(tmp_path, make.ramp(15), each=each, modality="MR")
    series, _ = scan(tmp_path)
    assert [len(record.slices) for record in series] == [5, 5, 5]
    assert series[0].split_by == "order of AcquisitionTime"
    assert [record.facts.acquisition_time_s for record in series] == [36000, 36010, 36020]


def test_repeats_with_nothing_to_tell_them_apart_are_refused(tmp_path):
    make.write_series(
        tmp_path, make.ramp(8), InstanceNumber=1, each=lambda i: {"position": (0, 0, 4 * (i // 2))}
    )
    series, (reason,) = scan(tmp_path)
    assert series == ()
    assert "8 images at 4 positions" in reason
    assert "nothing tells the images at one position apart" in reason


def test_unequal_repeats_are_refused_with_the_counts(tmp_path):
    heights = [0, 0, 2, 2, 4]
    make.write_series(tmp_path, make.ramp(5), each=lambda i: {"position": (0, 0, heights[i])})
    _, (reason,) = scan(tmp_path)
    assert (
        "the positions repeat unequally (images at number of positions: 1 at 1, 2 at 2)" in reason
    )


def test_repeats_whose_times_run_into_each_other_are_refused(tmp_path):
    number = [1, 4, 2, 3, 5, 6]
    make.write_series(
        tmp_path,
        make.ramp(6),
        each=lambda i: {"position": (0, 0, 3 * (i // 2)), "InstanceNumber": number[i]},
    )
    _, (reason,) = scan(tmp_path)
    assert "the times of the repeats run into each other" in reason


def test_one_position_many_times_is_refused(tmp_path):
    make.write_series(tmp_path, make.ramp(4), step=(0, 0, 0))
    _, (reason,) = scan(tmp_path)
    assert reason.startswith("4 images at one position are no volume")


def test_good_phases_are_kept_when_one_misses_a_slice(tmp_path):
    places = [(p, z) for p in range(3) for z in range(5) if (p, z) != (1, 2)]
    make.write_series(
        tmp_path,
        make.ramp(14),
        each=lambda i: {"position": (0, 0, 2 * places[i][1]), "AcquisitionNumber": places[i][0]},
    )
    series, (reason,) = scan(tmp_path)
    assert [record.facts.acquisition_number for record in series] == [0, 2]
    assert reason.startswith("1 slice(s) missing")


def test_what_cannot_share_a_grid_is_taken_apart_first(tmp_path):
    make.write_series(tmp_path / "a", make.ramp(3))
    make.write_series(tmp_path / "b", make.ramp(3), orientation=(0, 1, 0, 0, 0, -1), step=(3, 0, 0))
    make.write_series(tmp_path / "c", make.ramp(3, (6, 6)))
    make.write_series(tmp_path / "d", make.ramp(3), FrameOfReferenceUID="1.2.3.8")
    make.write_series(tmp_path / "e", make.ramp(3), PatientID="43")
    series, reasons = scan(tmp_path)
    assert reasons == set()
    assert len(series) == 5
    assert len({record.key for record in series}) == 5
    split_by = series[0].split_by
    for name in ("PatientID", "FrameOfReferenceUID", "Rows, Columns", "ImageOrientationPatient"):
        assert name in split_by
