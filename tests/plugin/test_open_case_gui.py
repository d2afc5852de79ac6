"""The plugin on whole cases: the digital one and a real CT, in a real window, by mouse."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from plugin.whole_cases import TIMEOUT_MS, look_at, open_copy, rows_in, stored_mask

pytestmark = [pytest.mark.gui, pytest.mark.slow]


@pytest.fixture(params=["digital_case", "ircad_case"])
def opened(request, make_napari_viewer, qtbot, tmp_path):
    """A copy of the case, open in a shown window of 1366 x 768, its first exam read."""
    case = request.getfixturevalue(request.param)
    held = open_copy(case, tmp_path / "case.liverseg", make_napari_viewer, qtbot)
    yield held
    held.dock.let_go()


def measured_by_command_line(mask) -> list[dict]:
    """The rows that `liverseg measure` prints for a mask."""
    command = [str(Path(sys.executable).with_name("liverseg")), "measure", "--lesion", str(mask)]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    rows = json.loads(done.stdout)
    assert {"voxel_volume", "long_axis", "short_axis"} <= {row["metric"] for row in rows}
    return rows


def test_a_stroke_by_mouse_changes_the_case_and_its_numbers(opened, qtbot, tmp_path):
    from plugin.mouse import canvas_of, settle, stroke, world_to_canvas

    from liverseg.case import CaseFile
    from liverseg.interop import write_nifti
    from liverseg.lesions import measure_size

    bench, viewer = opened.bench, opened.viewer
    row = bench.lesions()[0]
    before = stored_mask(opened.path, bench.exam_id, row.name).mask()
    others = {item.name for item in bench.lesions()} - {row.name}
    kept = {name: stored_mask(opened.path, bench.exam_id, name).mask() for name in others}
    layer, frame = bench.stage.lesions, bench.stage.scene.frame
    layer.mode, layer.brush_size = "paint", 8
    down, right = look_at(viewer, np.asarray(layer.data) == row.number, frame.spacing_mm)
    stroke(
        canvas_of(viewer),
        world_to_canvas(viewer, (down, right)),
        world_to_canvas(viewer, (down + 12, right + 40)),
    )
    settle(qtbot, bench, timeout_ms=TIMEOUT_MS)
    assert bench.unsaved == (), bench.last_message

    # The drawn mask, on the acquired grid, and nothing else.
    mask = stored_mask(opened.path, bench.exam_id, row.name)
    drawn = frame.turn.stored(np.asarray(layer.data) == row.number)
    np.testing.assert_array_equal(mask.mask(), drawn)
    grown = mask.mask() & ~before
    assert grown.any()
    assert np.flatnonzero(grown.any(axis=(1, 2))).tolist() == [bench.stage.slice]
    for name, old in kept.items():
        same = stored_mask(opened.path, bench.exam_id, name).mask()
        assert np.array_equal(same, old & ~grown)

    # Numbers of the case = the library on this mask = the command line on the exported one.
    rows = rows_in(opened.path, bench.exam_id, row.name)
    for measured in measure_size(mask):
        assert rows[measured.metric] == measured.value
    exported = write_nifti(mask, tmp_path / f"{row.name}.nii.gz")
    for measured in measured_by_command_line(exported):
        assert rows[measured["metric"]] == pytest.approx(measured["value"], rel=1e-5)

    # What the dock says is what the case says.
    shown = bench.lesions()[0]
    assert shown.volume == f"{rows['voxel_volume']:.2f}"
    assert opened.dock.lesions_page.table.item(0, 3).text() == shown.volume
    with CaseFile.open(opened.path, read_only=True) as case:
        comparison = case.comparison()
        edit, measure = case.events()[-2:]  # the mask first, its numbers after
        assert edit.action == f"edit lesion {row.name}"
        assert measure.action == f"measure {bench.exam_id}"
        assert case.outdated() == ()
    words = [claim.verdict for claim in bench.claims()]
    assert words == ([] if comparison is None else [j.verdict for j in comparison.judgements])


def test_every_exam_can_be_chosen_and_lies_in_one_world(opened, qtbot):
    from plugin.mouse import settle

    for exam_id in opened.bench.exam_ids:
        opened.dock.exams.setCurrentText(exam_id)
        settle(qtbot, opened.bench, timeout_ms=TIMEOUT_MS)
        stage = opened.bench.stage
        assert opened.bench.exam_id == exam_id
        assert opened.viewer.dims.range[0].step == pytest.approx(stage.scene.frame.spacing_mm[0])
        names = [layer.name for layer in opened.viewer.layers]
        assert "lesions" in names
        assert len(stage.phases) == len(stage.scene.images)
        # Where a voxel of the reference is drawn, its own value is read.
        key = next(image.key for image in stage.scene.images if image.is_reference)
        placed = next(image.placed for image in stage.scene.images if image.is_reference)
        index = np.array(placed.array.shape) // 2
        opened.viewer.dims.set_current_step(0, int(index[0]))
        world = index * placed.scale + placed.translate
        assert stage.phases[key].get_value(world, world=True) == placed.array[tuple(index)]


def test_undo_by_key_restores_mask_and_numbers(opened, qtbot):
    from plugin.mouse import canvas_of, settle, stroke, world_to_canvas
    from qtpy.QtCore import Qt
    from qtpy.QtTest import QTest

    bench, viewer = opened.bench, opened.viewer
    row = bench.lesions()[0]
    before = stored_mask(opened.path, bench.exam_id, row.name).mask()
    numbers = rows_in(opened.path, bench.exam_id, row.name)
    layer, frame = bench.stage.lesions, bench.stage.scene.frame
    layer.mode, layer.brush_size = "erase", 5
    down, right = look_at(viewer, np.asarray(layer.data) == row.number, frame.spacing_mm)
    canvas = canvas_of(viewer)
    stroke(
        canvas, world_to_canvas(viewer, (down, right)), world_to_canvas(viewer, (down, right + 3))
    )
    settle(qtbot, bench, timeout_ms=TIMEOUT_MS)
    assert stored_mask(opened.path, bench.exam_id, row.name).mask().sum() < before.sum()
    QTest.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settle(qtbot, bench, timeout_ms=TIMEOUT_MS)
    np.testing.assert_array_equal(stored_mask(opened.path, bench.exam_id, row.name).mask(), before)
    assert rows_in(opened.path, bench.exam_id, row.name) == pytest.approx(numbers, rel=1e-9)


def test_a_case_dropped_on_the_window_opens_on_the_bench(make_napari_viewer, qtbot, ircad_case):
    from plugin.mouse import settle

    from napari_liverseg.window import dock_of

    viewer = make_napari_viewer(show=True)
    viewer.open(str(ircad_case), plugin="napari-liverseg")
    dock = dock_of(viewer)
    settle(qtbot, dock.bench, timeout_ms=TIMEOUT_MS)
    assert [row.name for row in dock.bench.lesions()] == ["livertumor1", "livertumor2"]
    dock.let_go()
    assert len(viewer.layers) == 0


def test_the_pictures_of_the_documentation_are_made_by_one_command(ircad_case, tmp_path):
    from PIL import Image

    picture = tmp_path / "napari.png"
    command = [sys.executable, "-m", "napari_liverseg.screenshots", str(ircad_case), str(picture)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(picture)
    seen = np.asarray(Image.open(picture).convert("L"))
    assert seen.shape == (768, 1366)
    # The liver, not a black canvas.
    assert seen[200:500, 400:900].std() > 30
