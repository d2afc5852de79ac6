"""Pictures as SVG: outline, axes, letters, scale bar and colours at their places."""

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.report.pages import Page, picture_of

from liverseg.records import View, ViewLine
from liverseg.report.figures import (
    SEGMENT_COLOURS,
    draw_lesion,
    draw_segments,
    frame_of,
    segment_name,
)
from liverseg.report.figures.frame import Frame, scale_tag
from liverseg.report.figures.png import grey_uri, palette_uri
from liverseg.report.figures.upright import OPPOSITE, upright

SPACING = (2.0, 3.0)
#: Weight of each patient axis in a coded picture; positive towards left, back and feet.
AXIS = {"L": 1, "R": -1, "P": 100, "A": -100, "F": 10_000, "H": -10_000}
EDGES = [
    (right, bottom)
    for one, other in permutations(("LR", "PA", "FH"), 2)
    for right, bottom in product(one, other)
]


def view_of(shape=(30, 40), **more):
    """A view of nothing, with whatever else is given."""
    parts = {
        "pixels": np.zeros(shape, np.int16),
        "labels": np.zeros(shape, np.uint8),
        "edges": ("L", "P"),
        **more,
    }
    return View(
        kind="lesion",
        exam_id="e",
        lesion="R7",
        phase="delayed",
        series_uid="1",
        slice=3,
        spacing_mm=SPACING,
        unit="HU",
        window=(0.0, 100.0),
        **parts,
    )


def drawn(view, frame=None):
    return Page(draw_lesion(view, frame or frame_of([view]), title="a picture"))


def of_class(page, style):
    return [attrs for _, attrs in page.elements if attrs.get("class") == style]


def points_of(path):
    return np.array([[float(n) for n in step.split()] for step in path.strip("MZ").split("L")])


def test_the_outline_runs_half_way_between_voxel_centres():
    labels = np.zeros((30, 40), np.uint8)
    labels[10, 20] = 1
    (outline,) = of_class(drawn(view_of(labels=labels)), "outline")
    centre = np.array([(20 + 0.5) * 3.0, (10 + 0.5) * 2.0])
    found = points_of(outline["d"]) - centre
    expected = {(1.5, 0.0), (-1.5, 0.0), (0.0, 1.0), (0.0, -1.0)}
    assert {tuple(point) for point in found.tolist()} == expected


def test_the_outline_of_a_lesion_at_the_edge_closes_outside_it():
    labels = np.zeros((30, 40), np.uint8)
    labels[0, 0] = 1
    (outline,) = of_class(drawn(view_of(labels=labels)), "outline")
    assert points_of(outline["d"]).min() == 0.0
    assert outline["d"].endswith("Z")


def test_two_pieces_and_a_hole_are_three_paths():
    labels = np.zeros((30, 40), np.uint8)
    labels[5:12, 5:12] = 1
    labels[8, 8] = 0
    labels[20:23, 20:23] = 1
    (outline,) = of_class(drawn(view_of(labels=labels)), "outline")
    assert outline["d"].count("M") == outline["d"].count("Z") == 3


def test_axes_go_from_pixel_centre_to_pixel_centre():
    lines = (ViewLine("long_axis", (4.0, 5.0), (4.0, 15.5)), ViewLine("short_axis", (0, 9), (8, 9)))
    page = drawn(view_of(lines=lines))
    (long,), (short,) = of_class(page, "long"), of_class(page, "short")
    assert [float(long[k]) for k in ("x1", "y1", "x2", "y2")] == [16.5, 9.0, 48.0, 9.0]
    assert [float(short[k]) for k in ("x1", "y1", "x2", "y2")] == [28.5, 1.0, 28.5, 17.0]
    halos = [attrs for attrs in of_class(page, "halo") if "x1" in attrs]
    assert [halo["x1"] for halo in halos] == [long["x1"], short["x1"]]


def test_a_smaller_picture_lies_in_the_middle_of_the_common_frame():
    small, large = view_of((10, 10)), view_of((20, 40))
    frame = frame_of([small, large])
    assert (frame.width_mm, frame.height_mm) == (120.0, 40.0)
    image = next(attrs for name, attrs in drawn(small, frame).elements if name == "image")
    assert [float(image[k]) for k in ("x", "y", "width", "height")] == [45.0, 10.0, 30.0, 20.0]


def test_letters_stand_at_their_edges():
    page = drawn(view_of(edges=("L", "P")))
    texts = [attrs for name, attrs in page.elements if name == "text"]
    letters = dict(zip(page.text.split()[:4], texts, strict=False))
    assert float(letters["R"]["x"]) < 60 < float(letters["L"]["x"])
    assert float(letters["A"]["y"]) < 30 < float(letters["P"]["y"])


@pytest.mark.parametrize(("width", "bar"), [(29, 5), (30, 10), (87, 20), (213, 50), (2, 1)])
def test_the_scale_bar_takes_at_most_a_third(width, bar):
    page = Page(scale_tag(Frame(width, width)))
    assert page.text == f"{bar} mm"
    assert {attrs["d"].split("h")[1] for _, attrs in page.elements if "d" in attrs} == {str(bar)}


def test_the_title_is_for_those_who_do_not_see_the_picture():
    page = Page(draw_lesion(view_of(), frame_of([view_of()]), title='a "b" <c>'))
    assert page.elements[0][1]["aria-label"] == 'a "b" <c>'


def coded(edges, shape=(4, 6)):
    """Pixels that say where in the patient they lie, in steps along the patient axes."""
    row, column = np.indices(shape)
    return (AXIS[edges[1]] * row + AXIS[edges[0]] * column).astype(np.float32)


@pytest.mark.parametrize("edges", EDGES, ids="".join)
def test_any_slice_is_turned_as_radiologists_look_at_it(edges):
    start, end = (1.0, 4.0), (3.0, 0.0)
    view = view_of((4, 6), edges=edges, pixels=coded(edges), lines=(ViewLine("a", start, end),),
                   labels=(coded(edges) == coded(edges)[1, 4]).astype(np.uint8))  # fmt: skip
    turned = upright(view)
    assert turned.edges in {("L", "P"), ("L", "F"), ("P", "F")}
    assert set("".join(turned.edges)) <= {*edges, *(OPPOSITE[edge] for edge in edges)}
    right, bottom = (AXIS[edge] for edge in turned.edges)
    assert (np.diff(turned.pixels, axis=1) == right).all()
    assert (np.diff(turned.pixels, axis=0) == bottom).all()
    row, column = (int(n) for n in turned.lines[0].start)
    assert turned.pixels[row, column] == view.pixels[1, 4]
    assert turned.labels[row, column] == 1
    assert turned.labels.sum() == view.labels.sum()
    row, column = (int(n) for n in turned.lines[0].end)
    assert turned.pixels[row, column] == view.pixels[3, 0]
    is_turned = turned.pixels.shape != view.pixels.shape
    assert turned.spacing_mm == (SPACING[::-1] if is_turned else SPACING)


@given(st.sampled_from(EDGES))
def test_an_upright_picture_stays(edges):
    once = upright(view_of((4, 6), edges=edges, pixels=coded(edges)))
    again = upright(once)
    assert again.edges == once.edges
    assert np.array_equal(again.pixels, once.pixels)


def test_grey_goes_from_black_to_white_over_the_window():
    pixels = np.array([[-1000, 0, 50], [100, 1000, np.nan], [np.inf, -np.inf, 25]])
    levels = picture_of(grey_uri(pixels, (0.0, 100.0)))
    assert levels[..., 0].tolist() == [[0, 0, 128], [255, 255, 0], [255, 0, 64]]
    assert (levels[..., 3] == 255).all()


def test_a_window_without_width_is_no_error():
    assert set(picture_of(grey_uri(np.array([[1.0, 2.0]]), (1.0, 1.0)))[0, :, 0]) == {0, 255}


def test_each_label_has_its_colour_and_nothing_is_clear():
    labels = np.array([[0, 1, 9], [7, 0, 200]], dtype=np.uint8)
    image = picture_of(palette_uri(labels, SEGMENT_COLOURS, opacity=0.4))
    assert image[..., 3].tolist() == [[0, 102, 102], [102, 0, 0]]
    colours = ["#" + bytes(image[at][:3]).hex() for at in ((0, 1), (0, 2), (1, 0))]
    assert colours == [SEGMENT_COLOURS[0], SEGMENT_COLOURS[8], SEGMENT_COLOURS[6]]


def segments(labels):
    view = view_of(labels.shape, labels=labels)
    return Page(draw_segments(view, frame_of([view]), title="map"))


def test_each_segment_carries_its_number_in_its_middle():
    labels = np.zeros((45, 30), np.uint8)
    labels[:, :15] = 7
    labels[:, 15:] = 8
    page = segments(labels)
    numbers = of_class(page, "number")
    assert page.text.startswith("7 8 ")
    assert [float(n["x"]) for n in numbers] == pytest.approx([22.5, 67.5], abs=3.0)
    assert all(22.5 <= float(n["y"]) <= 67.5 for n in numbers)


def test_a_sliver_has_no_number_and_halves_of_4_have_letters():
    labels = np.full((80, 80), 4, np.uint8)
    labels[:, 40:] = 9
    labels[:, 39] = 2
    assert segments(labels).text.startswith("4a 4b R")
    assert segment_name(4, split=False) == "4"
    assert segment_name(4, split=True) == "4a"
