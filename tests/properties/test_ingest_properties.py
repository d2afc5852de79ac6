"""Oblique grids survive the disk; damaged files never raise out of a scan."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import dicom_factory as make
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from liverseg.ingest import ledger_json, read_volume, scan_folder

SLOW = settings(max_examples=25, deadline=None, derandomize=True)
angles = st.floats(-180, 180)


@st.composite
def lattices(draw):
    turn = Rotation.from_euler("zyx", [draw(angles) for _ in range(3)], degrees=True).as_matrix()
    return {
        "turn": turn,
        "step": draw(st.floats(0.4, 8)),
        "spacing": (draw(st.floats(0.3, 4)), draw(st.floats(0.3, 4))),
        "origin": np.array([draw(st.floats(-500, 500)) for _ in range(3)]),
        "count": draw(st.integers(2, 9)),
        "seed": draw(st.integers(0, 10_000)),
    }


def write(folder, lattice, volume, *, enhanced):
    row, column, normal = lattice["turn"].T
    positions = [
        [float(f"{v:.6f}") for v in lattice["origin"] + i * lattice["step"] * normal]
        for i in range(lattice["count"])
    ]
    spacing = [float(f"{v:.6g}") for v in lattice["spacing"]]
    order = list(range(lattice["count"]))
    random.Random(lattice["seed"]).shuffle(order)
    if enhanced:
        ds = make.enhanced_mr(
            volume[order], positions=[positions[i] for i in order], slopes=[1] * len(order)
        )
        shared = ds.SharedFunctionalGroupsSequence[0]
        cosines = [f"{v:.12f}"[:16] for v in (*row, *column)]
        shared.PlaneOrientationSequence[0].ImageOrientationPatient = cosines
        shared.PixelMeasuresSequence[0].PixelSpacing = spacing
        for frame, i in zip(ds.PerFrameFunctionalGroupsSequence, order, strict=True):
            frame.PlanePositionSequence[0].ImagePositionPatient = [
                f"{v:.10g}" for v in positions[i]
            ]
        make.save(ds, folder / "enhanced")
        return
    for name, i in enumerate(order):
        ds = make.image(
            volume[i],
            position=positions[i],
            orientation=(*row, *column),
            spacing=spacing,
            modality="MR",
            InstanceNumber=name,
        )
        make.save(ds, folder / f"{name * 7919 % 1000:04d}")


@SLOW
@given(lattice=lattices(), enhanced=st.booleans())
def test_every_voxel_keeps_its_place_and_value(lattice, enhanced):
    volume = make.ramp(lattice["count"], (3, 4))
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), lattice, volume, enhanced=enhanced)
        (record,) = scan_folder(folder).series
        read = read_volume(record)
    assert np.array_equal(read.array, volume)
    index = np.indices(volume.shape).reshape(3, -1).T
    row, column, normal = lattice["turn"].T
    steps = np.array(
        [normal * lattice["step"], column * lattice["spacing"][0], row * lattice["spacing"][1]]
    )
    assert np.abs(read.grid.to_lps_mm(index) - (lattice["origin"] + index @ steps)).max() < 1e-3


def seed_file():
    with tempfile.TemporaryDirectory() as folder:
        path = make.write_series(folder, make.ramp(1), SeriesDescription="seed", EchoTime="3")[0]
        enhanced = make.enhanced_mr(
            make.ramp(3), positions=[(0, 0, z) for z in range(3)], slopes=[1, 2, 3]
        )
        other = make.save(enhanced, Path(folder) / "enhanced")
        return path.read_bytes(), other.read_bytes()


SEEDS = seed_file()


def scan_bytes(*contents):
    with tempfile.TemporaryDirectory() as folder:
        for number, content in enumerate(contents):
            (Path(folder) / f"f{number}").write_bytes(content)
        ledger = scan_folder(folder)
        plain = ledger_json(ledger)
        assert plain["files"] == len(contents) == len(plain["entries"])
        assert sum(plain[s] for s in ("used", "split", "skipped", "refused")) == len(contents)
        assert all(entry["reason"] for entry in plain["entries"])


@SLOW
@given(content=st.binary(max_size=400))
def test_random_bytes_never_raise(content):
    scan_bytes(content, bytes(128) + b"DICM" + content, b"\x08\x00\x05\x00" + content)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(seed=st.sampled_from(SEEDS), cut=st.floats(0, 1))
def test_cut_files_never_raise(seed, cut):
    scan_bytes(seed[: int(len(seed) * cut)])


@settings(max_examples=120, deadline=None, derandomize=True)
@given(
    seed=st.sampled_from(SEEDS),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=12),
)
def test_flipped_bytes_never_raise(seed, changes):
    content = bytearray(seed)
    for place, value in changes:
        content[int(place * (len(content) - 1))] = value
    scan_bytes(bytes(content), seed)


@SLOW
@given(depth=st.integers(1, 3000))
def test_deeply_nested_sequences_never_raise(depth):
    open_item = b"\x40\x00\x30\xa7SQ\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    scan_bytes(SEEDS[0][:-200] + open_item * depth)
