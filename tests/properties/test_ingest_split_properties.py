"""Random oblique grids, several volumes in one series, in folders and archives, at any tilt."""

from __future__ import annotations

import random
import tempfile
import zipfile
from pathlib import Path

import dicom_factory as make
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from liverseg.ingest import GeometryPolicy, ledger_json, read_study, scan_folder

SLOW = settings(max_examples=25, deadline=None, derandomize=True)
angles = st.floats(-180, 180)
#: How the volumes of one series are told apart: the elements of volume `k`, slice `i`.
TOLD_BY = {
    "AcquisitionNumber": lambda k, i: {"AcquisitionNumber": k + 1},
    "TemporalPositionIdentifier": lambda k, i: {"TemporalPositionIdentifier": k + 1},
    "EchoTime": lambda k, i: {"EchoTime": f"{2.3 * (k + 1):.2f}"},
    "DiffusionBValue": lambda k, i: {"DiffusionBValue": 50.0 * k},
    "ImageType": lambda k, i: {"ImageType": ["DERIVED", "PRIMARY", "DIXON", "IOWF"[k]]},
    "TriggerTime": lambda k, i: {"TriggerTime": f"{k * 30000}"},
    "ContentTime": lambda k, i: {"ContentTime": f"1200{10 * k + (i > 1):02d}"},
    "AcquisitionTime": lambda k, i: {"AcquisitionTime": f"12{k:02d}{i:02d}"},
    "InstanceNumber": lambda k, i: {},
}


@st.composite
def stacks(draw):
    turn = Rotation.from_euler("zyx", [draw(angles) for _ in range(3)], degrees=True).as_matrix()
    return {
        "turn": turn,
        "step": draw(st.floats(0.8, 8)),
        "spacing": tuple(float(f"{draw(st.floats(0.3, 4)):.6g}") for _ in range(2)),
        "origin": np.array([draw(st.floats(-500, 500)) for _ in range(3)]),
        "count": draw(st.integers(3, 6)),
        "volumes": draw(st.integers(1, 4)),
        "seed": draw(st.integers(0, 10_000)),
    }


def write(folder, stack, volumes, told_by, *, lean=0.0, series=("1.2.3.4",)):
    row, column, normal = stack["turn"].T
    names = list(range(len(volumes) * stack["count"]))
    random.Random(stack["seed"]).shuffle(names)
    for k, volume in enumerate(volumes):
        for i, pixels in enumerate(volume):
            position = stack["origin"] + i * stack["step"] * (normal + lean * column)
            elements = {
                "SeriesInstanceUID": series[k % len(series)],
                "InstanceNumber": k * len(volume) + i + 1,
                **TOLD_BY[told_by](k, i),
            }
            ds = make.image(
                pixels,
                position=[float(f"{v:.6f}") for v in position],
                orientation=(*row, *column),
                spacing=stack["spacing"],
                modality="MR",
                **elements,
            )
            make.save(ds, folder / f"{names.pop():04d}")


def points_of(stack, shape):
    row, column, normal = stack["turn"].T
    index = np.indices(shape).reshape(3, -1).T
    steps = np.array(
        [normal * stack["step"], column * stack["spacing"][0], row * stack["spacing"][1]]
    )
    return index, stack["origin"] + index @ steps


@SLOW
@given(stack=stacks(), told_by=st.sampled_from(sorted(TOLD_BY)), packed=st.booleans())
def test_volumes_of_one_series_keep_every_voxel_in_place(stack, told_by, packed):
    count = stack["count"]
    volumes = make.ramp(count * stack["volumes"], (3, 4)).reshape(-1, count, 3, 4)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "in"
        write(folder, stack, volumes, told_by)
        root = folder
        if packed:
            root = Path(name) / "study.zip"
            with zipfile.ZipFile(root, "w", zipfile.ZIP_DEFLATED) as archive:
                for path in folder.iterdir():
                    archive.write(path, path.name)
        study = read_study(root)
    plain = ledger_json(study.ledger)
    assert plain["used"] + plain["split"] == len(volumes) * count
    assert plain["files"] == len(volumes) * count + packed
    assert len(study.volumes) == len(volumes)
    assert sorted(v.array.tobytes() for v in study.volumes) == sorted(
        v.astype(np.int16).tobytes() for v in volumes
    )
    index, points = points_of(stack, (count, 3, 4))
    for volume in study.volumes:
        assert np.abs(volume.grid.to_lps_mm(index) - points).max() < 1e-3
    if len(volumes) > 1:
        assert all(told_by in v.record.split_by for v in study.volumes)


@SLOW
@given(stack=stacks(), series=st.integers(2, 3))
def test_several_series_in_one_folder_stay_apart(stack, series):
    count = stack["count"]
    volumes = make.ramp(count * series, (3, 4)).reshape(series, count, 3, 4)
    uids = [f"1.2.3.{k + 20}" for k in range(series)]
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), stack, volumes, "InstanceNumber", series=uids)
        study = read_study(name)
    index, points = points_of(stack, (count, 3, 4))
    assert sorted(v.series_uid for v in study.volumes) == uids
    for volume in study.volumes:
        assert np.array_equal(volume.array, volumes[uids.index(volume.series_uid)])
        assert np.abs(volume.grid.to_lps_mm(index) - points).max() < 1e-3


@SLOW
@given(stack=stacks(), lean=st.floats(0.1, 0.6), down=st.booleans())
def test_any_tilt_is_refused_and_sheared_back_on_request(stack, lean, down):
    lean = -lean if down else lean
    count, shape = stack["count"], (9, 8)
    row_mm, column_mm = stack["spacing"]
    r, c = np.mgrid[: shape[0], : shape[1]]
    # A field that grows along rows and columns in mm is kept exactly by linear shifts.
    shifts = np.arange(count) * stack["step"] * lean
    wanted = [100 + 3 * (r * row_mm + shift + 40) + 2 * c * column_mm for shift in shifts]
    stored = np.rint(np.array(wanted) / 0.05 + 20_000).astype(np.uint16)
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), stack, stored[None], "InstanceNumber", lean=lean)
        refused = scan_folder(name)
        assert refused.series == ()
        assert "gantry tilt" in refused.entries[0].reason
        (volume,) = read_study(name, policy=GeometryPolicy(on_tilt="shear")).volumes
    assert volume.grid.is_orthogonal
    index = np.indices(volume.array.shape).reshape(3, -1).T
    offset = volume.grid.to_lps_mm(index) - stack["origin"]
    row, column, _ = stack["turn"].T
    field = 100 + 3 * (offset @ column + 40) + 2 * (offset @ row)
    there = volume.array.ravel() > 0
    assert there.sum() >= count * (shape[0] - 1) * shape[1]
    off = np.abs(volume.array.ravel() - (field / 0.05 + 20_000))[there]
    assert off.max() < 1.5  # stored numbers are rounded, positions written to 1e-6 mm
