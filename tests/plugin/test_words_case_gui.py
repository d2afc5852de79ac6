"""Words in the lesion table on the digital case, in a real window, by mouse and keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from plugin.whole_cases import TIMEOUT_MS, brush, open_copy
from typer.testing import CliRunner

pytestmark = [pytest.mark.gui, pytest.mark.slow]

LESION, VOLUME, WORDS = 0, 3, 4


@pytest.fixture
def opened(digital_case, make_napari_viewer, qtbot, tmp_path):
    held = open_copy(digital_case, tmp_path / "case.liverseg", make_napari_viewer, qtbot)
    yield held
    held.dock.let_go()


def cell(opened, line: int, column: int) -> str:
    item = opened.dock.lesions_page.table.item(line, column)
    return item.text().replace("\u00a0", " ")


def described(path: Path, exam_id: str) -> dict[str, dict]:
    """What `liverseg describe --json` says of each lesion."""
    from liverseg.cli.app import app

    words = ["describe", str(path), "--exam", exam_id, "--json"]
    result = CliRunner().invoke(app, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return {one["lesion"]: one for one in json.loads(result.output)}


def rows_of(path: Path, exam_id: str) -> tuple:
    """Every number of an exam in the case file."""
    from liverseg.case import CaseFile

    with CaseFile.open(path, read_only=True) as case:
        return case.measurements(exam_id=exam_id)


def wait_for_words(opened, qtbot) -> None:
    bench = opened.bench
    qtbot.waitUntil(lambda: bench.is_idle and not bench.words.waits, timeout=TIMEOUT_MS)


def test_a_stroke_changes_the_words_of_its_lesion_and_undo_brings_them_back(opened, qtbot):
    from dataclasses import asdict

    from plugin.mouse import canvas_of
    from qtpy.QtCore import Qt
    from qtpy.QtTest import QTest

    bench = opened.bench
    exam_id = bench.exam_id
    wait_for_words(opened, qtbot)
    names = [row.name for row in bench.lesions()]
    dated = [f"{name}\n{bench.loaded.exam.date}" for name in names]
    assert [cell(opened, line, LESION) for line in range(len(names))] == dated
    before = [cell(opened, line, WORDS) for line in range(len(names))]
    rows, volume = rows_of(opened.path, exam_id), cell(opened, 0, VOLUME)
    assert before[0] == "ring, prolonged"
    seen = [before[0]]
    bench.refreshed.connect(lambda: seen.append(cell(opened, 0, WORDS)))

    brush(opened)  # a tail into the liver: the lesion is round no more
    qtbot.waitUntil(lambda: cell(opened, 0, VOLUME) != volume, timeout=TIMEOUT_MS)
    wait_for_words(opened, qtbot)
    after = [cell(opened, line, WORDS) for line in range(len(names))]
    assert after == ["ring, prolonged, irregular", *before[1:]]
    assert list(dict.fromkeys(seen)) == ["ring, prolonged", "…", "ring, prolonged, irregular"]

    # The words, with every number behind them, are those of the command line.
    found = described(opened.path, exam_id)
    for line, name in enumerate(names):
        assert cell(opened, line, WORDS) == ", ".join(found[name]["short"])
        portrait = bench.store.portray(exam_id, name, bench.numbers.rows_of(name))
        same = json.loads(json.dumps([asdict(word) for word in portrait.words]))
        assert same == found[name]["words"]
    tip = opened.dock.lesions_page.table.item(0, WORDS).toolTip()
    ring = next(word for word in found[names[0]]["words"] if word["term"] == "ring")
    assert f"ring is said, P(true) {ring['probability']:.2f}" in tip
    assert "rim minus core" in tip

    QTest.keyClick(canvas_of(opened.viewer), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: cell(opened, 0, WORDS) == before[0], timeout=TIMEOUT_MS)
    wait_for_words(opened, qtbot)
    assert [cell(opened, line, WORDS) for line in range(len(names))] == before
    assert rows_of(opened.path, exam_id) == rows  # the numbers too, to the last digit
    assert cell(opened, 0, VOLUME) == volume


def test_words_fit_into_the_window_and_hide_no_number(opened, qtbot):
    wait_for_words(opened, qtbot)
    table = opened.dock.lesions_page.table
    for column in range(LESION, WORDS):
        assert table.columnWidth(column) >= table.sizeHintForColumn(column)
    assert table.columnWidth(WORDS) >= 100
    assert not table.horizontalScrollBar().isVisible()
