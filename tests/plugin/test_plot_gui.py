"""The painted chart: every value at its place, whatever the size of the widget."""

from __future__ import annotations

import pytest

pytest.importorskip("napari")

from napari_liverseg.charts import Chart, ChartLine

pytestmark = pytest.mark.gui
#: Dark enough that they stay what they are on a light ground.
RED, BLUE = "#cc0000", "#0000cc"


def line(points, *, name="one", colour=RED, mark="square", dashes="dot", width=1.0) -> ChartLine:
    return ChartLine(name, tuple(points), mark, dashes, width, colour)


def shown(qtbot, chart: Chart, *, width: int, height: int):
    from napari_liverseg._qt.plot import Plot

    plot = Plot(least_px=50)
    qtbot.addWidget(plot)
    plot.resize(width, height)
    plot.draw(chart)
    return plot


def painted(plot):
    """What the widget paints, in full colours on any screen."""
    from qtpy.QtGui import QImage

    picture = QImage(plot.size(), QImage.Format.Format_RGB32)
    plot.render(picture)
    return picture


def pixels(picture, wanted: str) -> list[tuple[int, int]]:
    return [
        (x, y)
        for x in range(picture.width())
        for y in range(picture.height())
        if picture.pixelColor(x, y).name() == wanted
    ]


@pytest.mark.parametrize(("width", "height"), [(380, 130), (700, 300)])
def test_marks_stand_where_their_values_are(qtbot, width, height):
    names = ("non contrast", "late arterial", "delayed")
    rising = line([(0, 0.0), (2, 100.0)])
    middle = line([(1, 50.0)], colour=BLUE)
    plot = shown(qtbot, Chart((rising, middle), "HU", x_names=names), width=width, height=height)
    picture = painted(plot)
    head = 30  # names of lines have samples of the same colours
    reds = [at for at in pixels(picture, RED) if at[1] > head]
    blues = [at for at in pixels(picture, BLUE) if at[1] > head]
    first, last = min(reds), max(reds)
    assert first[1] > last[1]
    assert last[0] - first[0] == pytest.approx(2 / 3 * width, abs=0.1 * width)
    x, y = (sum(at[k] for at in blues) / len(blues) for k in (0, 1))
    assert x == pytest.approx((first[0] + last[0]) / 2, abs=3)
    assert y == pytest.approx((first[1] + last[1]) / 2, abs=4)


@pytest.mark.parametrize("mark", ["circle", "square", "up", "down", "diamond", "cross", "star"])
def test_every_mark_is_painted(qtbot, mark):
    plot = shown(
        qtbot, Chart((line([(0, 1.0)], mark=mark),), x_names=("a",)), width=200, height=120
    )
    assert pixels(painted(plot), RED)


def test_many_lines_with_long_names_leave_room_for_the_curve(qtbot):
    lines = tuple(line([(0, n), (1, 2 * n)], name=f"lesion of a long name {n}") for n in range(6))
    plot = shown(qtbot, Chart(lines, "HU", x_names=("a b", "c d")), width=380, height=130)
    assert len({y for _, y in pixels(painted(plot), RED)}) > 40


def test_equal_values_and_a_depth_of_nothing_are_no_fault(qtbot):
    for points in ([(0.0, 5.0)], [(1.0, 0.0), (2.0, 0.0)]):
        plot = shown(qtbot, Chart((line(points),), x_label="mm"), width=300, height=120)
        assert pixels(painted(plot), RED)


def test_without_lines_it_says_why(qtbot):
    empty = shown(qtbot, Chart(), width=300, height=120)
    told = shown(qtbot, Chart(note="no curve: nothing was measured"), width=300, height=120)
    assert painted(told) != painted(empty)
