"""A full disk, a drive that turns read-only or goes: told clearly, kept, written later."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from coarse_case import plan_coarse_case
from napari.components import ViewerModel
from plugin.plugin_stand_ins import CT, HandRunner

from liverseg.case import CaseFile
from liverseg.workflow import Variant, demo, run_demo
from napari_liverseg.bench import Bench
from napari_liverseg.case_store import CaseStore

DRIVE_BYTES = 3_000_000


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """Folder of the coarse digital case; copied by each test that moves something."""
    out = tmp_path_factory.mktemp("faults") / "demo"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "plan_case", plan_coarse_case)
        run_demo(out, variant=Variant.TEXT, seed=7)
    return out


@pytest.fixture
def drive(tmp_path) -> Iterator[Path]:
    """A drive of its own that can be filled and write-protected."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small drive")
    folder = tmp_path / "drive"
    folder.mkdir()
    size = f"size={DRIVE_BYTES}"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no drive can be mounted here: {done.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def open_bench(path: Path) -> Bench:
    bench = Bench(ViewerModel(), CaseStore(path), HandRunner(), path=path, throttle=lambda act: act)
    bench.load(CT)
    bench._errands.wait()
    assert bench.exam_id == CT, bench.last_message
    return bench


def draw(bench: Bench, at: tuple[int, int, int] = (8, 20, 20)) -> np.ndarray:
    """A dab of the brush for the first lesion; returns its mask as stored."""
    layer = bench.stage.lesions
    layer.brush_size = 4
    layer.paint(at, 1)
    bench.hand_on()
    bench._errands.wait()
    return bench.stage.scene.frame.turn.stored(np.asarray(layer.data) == 1)


def stored(path: Path) -> np.ndarray:
    with CaseFile.open(path, read_only=True) as case:
        assert case.outdated() == ()
        return case.stored_exam(CT).lesions[0].mask.array != 0


def test_on_a_full_disk_the_work_is_kept_and_written_when_there_is_room(made, drive):
    path = drive / "case.liverseg"
    shutil.copy(made / "case.liverseg", path)
    bench = open_bench(path)
    filler = drive / "filler"
    with filler.open("wb") as file, pytest.raises(OSError, match="No space"):
        while True:
            file.write(bytes(65536))
            file.flush()
    drawn = draw(bench)
    assert bench.unsaved == ("T4",)
    assert "the disk is full" in bench.last_message[0]
    assert bench.last_message[1] == "error"
    assert not bench.flush()
    with CaseFile.open(path, read_only=True):
        pass  # whole all the same
    filler.unlink()
    bench.save_again()
    bench._errands.wait()
    assert bench.unsaved == ()
    bench.close()
    np.testing.assert_array_equal(stored(path), drawn)


def test_a_drive_that_turns_read_only_keeps_the_work_until_it_can_be_written(made, drive):
    path = drive / "case.liverseg"
    shutil.copy(made / "case.liverseg", path)
    bench = open_bench(path)
    subprocess.run(["mount", "-o", "remount,ro", str(drive)], check=True)
    try:
        drawn = draw(bench)
        assert bench.unsaved == ("T4",)
        assert "cannot be written to" in bench.last_message[0]
    finally:
        subprocess.run(["mount", "-o", f"remount,rw,size={DRIVE_BYTES}", str(drive)], check=True)
    bench.save_again()
    bench._errands.wait()
    bench.close()
    np.testing.assert_array_equal(stored(path), drawn)


def test_a_case_that_was_moved_away_is_not_written_elsewhere_and_comes_back(made, tmp_path):
    folder = tmp_path / "usb"
    folder.mkdir()
    path = folder / "case.liverseg"
    shutil.copy(made / "case.liverseg", path)
    bench = open_bench(path)
    folder.rename(tmp_path / "pulled")
    drawn = draw(bench)
    assert bench.unsaved == ("T4",)
    assert "there is no case file of this name" in bench.last_message[0]
    assert not folder.exists()
    (tmp_path / "pulled").rename(folder)
    bench.save_again()
    bench._errands.wait()
    bench.close()
    np.testing.assert_array_equal(stored(path), drawn)


def test_when_the_drive_of_the_images_goes_one_draws_on_and_numbers_follow(made, tmp_path):
    shutil.copytree(made, tmp_path / "demo")
    path = tmp_path / "demo" / "case.liverseg"
    shutil.move(made / "dicom", made / "away")  # where the case would find them as well
    try:
        bench = open_bench(path)
        (tmp_path / "demo" / "dicom").rename(tmp_path / "pulled")
        drawn = draw(bench)
        assert bench.unsaved == ()
        assert not bench.is_outdated  # made from the voxels in memory
        np.testing.assert_array_equal(stored(path), drawn)
        bench.load(bench.exam_ids[1])
        bench._errands.wait()
        assert bench.exam_id == CT
        assert "bring the DICOM folder back" in bench.last_message[0]
        (tmp_path / "pulled").rename(tmp_path / "demo" / "dicom")
        bench.load(bench.exam_ids[1])
        bench._errands.wait()
        assert bench.exam_id == bench.exam_ids[1]
        bench.close()
    finally:
        shutil.move(made / "away", made / "dicom")


def test_a_case_left_between_mask_and_numbers_is_made_whole_on_opening(made, tmp_path):
    path = tmp_path / "case.liverseg"
    shutil.copy(made / "case.liverseg", path)
    store = CaseStore(path)
    loaded = store.load(CT)
    mask = loaded.exam.lesions[0].mask.array != 0
    mask[: int(np.argwhere(mask)[:, 0].mean()) + 1] = False
    assert mask.any()
    assert store.write(CT, {"T4": mask}).numbers.outdated
    # The program ends here. Another one opens the case:
    assert CaseStore(path).load(CT).numbers.outdated
    open_bench(path).close()
    np.testing.assert_array_equal(stored(path), mask)
