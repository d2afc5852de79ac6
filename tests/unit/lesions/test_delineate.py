"""From a click to a mask: how well, how it is corrected, what is refused."""

from __future__ import annotations

import time

import numpy as np
import pytest

from liverseg.errors import InputError
from liverseg.geometry import Grid, LabelMap, Translation, Volume
from liverseg.lesions import delineate
from liverseg.records import PhaseImage, Stroke, StrokeKind
from liverseg.teach import pattern_scene
from liverseg.testing import dice, first_click, next_stroke
from liverseg.testing.strategies import SIGNED_PERMUTATIONS, rearranged
from liverseg.workflow import exam_images

MIDDLE = (0.0, 0.0, 0.0)


def click(point=MIDDLE):
    return Stroke(StrokeKind.CLICK, (tuple(float(v) for v in point),))


def places_of(grid):
    index = np.stack(np.meshgrid(*map(np.arange, grid.shape), indexing="ij"), axis=-1)
    return grid.to_lps_mm(index)


def centred(shape, turn, spacing):
    matrix = np.eye(4)
    matrix[:3, :3] = np.asarray(turn) * spacing
    matrix[:3, 3] = -matrix[:3, :3] @ ((np.array(shape) - 1) / 2)
    return Grid(shape, matrix)


def ring(grid, *, shift=MIDDLE, rim_hu=145.0, core_hu=45.0, radius=20.0, seed=0):
    """A bright rim round a dark core in liver of 108 HU with a bright vessel beside it."""
    places = places_of(grid) - shift
    distance = np.linalg.norm(places * (1.0, 1.15, 0.95), axis=-1)
    values = np.full(grid.shape, 108.0)
    values[np.linalg.norm(places[..., :2] - (radius + 9.0, 4.0), axis=-1) < 4.0] = 180.0
    values[distance <= radius] = rim_hu
    values[distance <= 0.75 * radius] = core_hu
    values += np.random.default_rng(seed).normal(0.0, 12.0, grid.shape)
    truth = LabelMap((distance <= radius).astype(np.uint8), grid)
    return PhaseImage(Volume(values.astype(np.float32), grid, "HU"), Translation(shift)), truth


AXIAL = centred((34, 90, 90), [[0, 0, 1], [0, 1, 0], [1, 0, 0]], (2.0, 0.8, 0.8))


def test_a_bright_rim_comes_with_its_dark_core():
    image, truth = ring(AXIAL)
    drawn = delineate([image], [click()])
    assert dice(drawn, truth) > 0.93
    assert drawn.values == (1,)
    assert drawn.grid is AXIAL


def test_liver_is_what_lies_near_even_where_most_of_the_picture_is_another_organ():
    """A small bright lesion in a slab of liver, which is the smaller part of what the rays see."""
    grid = centred((34, 120, 120), [[0, 0, 1], [0, 1, 0], [1, 0, 0]], (3.0, 1.2, 1.2))
    places = places_of(grid)
    values = np.full(grid.shape, 180.0)
    values[places[..., 1] < 20.0] = 400.0
    values[places[..., 1] < -20.0] = 180.0
    truth = np.linalg.norm(places, axis=-1) <= 9.0
    values[truth] = 900.0
    values += np.random.default_rng(0).normal(0.0, 8.0, grid.shape)
    image = PhaseImage(Volume(values.astype(np.float32), grid, "au"))
    assert dice(delineate([image], [click()]), LabelMap(truth.astype(np.uint8), grid)) > 0.85


def test_a_rim_like_liver_in_one_phase_is_found_with_another_that_shows_it():
    hidden, truth = ring(AXIAL, rim_hu=108.0)
    shown, _ = ring(AXIAL, rim_hu=140.0, shift=(2.0, -1.0, 4.0), seed=1)
    assert dice(delineate([hidden], [click()]), truth) < 0.75
    assert dice(delineate([hidden, shown], [click()]), truth) > 0.90


@pytest.mark.parametrize(
    ("entity", "modality"),
    [
        ("colorectal metastasis", "CT"),
        ("haemangioma", "CT"),
        ("abscess", "MR"),
        ("leiomyosarcoma metastasis (ring, reconciled)", "MR"),
        ("FNH", "CT"),
    ],
)
def test_phantom_patterns(entity, modality):
    spacing = (2.0, 1.0, 1.0) if modality == "CT" else (3.0, 1.2, 1.2)
    scene = pattern_scene(
        entity, modality=modality, diameter_mm=26.0, spacing_mm=spacing, breath_mm=3.0
    )
    images, phases = exam_images(scene.exam, scene.exam.reference)
    assert len(images) == len(phases) == len(scene.exam.series)
    drawn = delineate(images, [first_click(scene.truth)], liver=scene.exam.liver)
    assert dice(drawn, scene.truth) > 0.90


def test_five_centimetres_take_less_than_two_seconds():
    scene = pattern_scene("HCC", diameter_mm=50.0, spacing_mm=(1.5, 0.8, 0.8))
    images, _ = exam_images(scene.exam, scene.exam.reference)
    strokes = [first_click(scene.truth)]
    delineate(images, strokes)  # tables and directions are made once
    took = []
    for _ in range(3):  # the least of three, of this thread: other work on the machine adds to it
        start = time.thread_time()
        drawn = delineate(images, strokes)
        took.append(time.thread_time() - start)
    assert min(took) < 2.0
    assert dice(drawn, scene.truth) > 0.93


@pytest.mark.parametrize("which", range(0, 48, 7))
def test_axes_may_be_named_in_any_way(which):
    image, truth = ring(AXIAL)
    expected = delineate([image], [click()])
    order, signs = SIGNED_PERMUTATIONS[which]
    array, grid = rearranged(image.volume.array, AXIAL, order, signs)
    drawn = delineate([PhaseImage(Volume(array, grid, "HU"))], [click()])
    back, _ = rearranged(expected.array, AXIAL, order, signs)
    assert dice(drawn, LabelMap(np.asarray(back), grid)) > 0.98
    assert truth.array.sum() > 0


def test_oblique_and_anisotropic_grids():
    c, s = np.cos(0.5), np.sin(0.5)
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ [[1, 0, 0], [0, c, -s], [0, s, c]]
    grid = centred((26, 100, 66), turn, (3.0, 0.7, 1.1))
    image, truth = ring(grid)
    assert dice(delineate([image], [click()]), truth) > 0.92


def test_phases_may_lie_on_other_grids():
    hidden, truth = ring(AXIAL, rim_hu=108.0)
    other = centred((20, 60, 66), np.eye(3)[::-1], (3.5, 1.2, 1.1))
    shown, _ = ring(other, rim_hu=140.0, shift=(2.0, -1.0, 4.0), seed=1)
    assert dice(delineate([hidden, shown], [click()]), truth) > 0.88


def test_a_line_gives_the_size_of_what_is_hardly_seen():
    places = places_of(AXIAL)
    distance = np.linalg.norm(places, axis=-1)
    noise = np.random.default_rng(3).normal(0.0, 15.0, AXIAL.shape)
    values = np.where(distance <= 15.0, 105.0, 108.0) + noise
    image = PhaseImage(Volume(values.astype(np.float32), AXIAL, "HU"))
    truth = LabelMap((distance <= 15.0).astype(np.uint8), AXIAL)
    line = Stroke(StrokeKind.LINE, ((-15.0, 0.0, 0.0), (15.0, 0.0, 0.0)))
    assert dice(delineate([image], [line]), truth) > 0.75


def test_a_scribble_starts_too_and_stays_inside():
    image, truth = ring(AXIAL)
    points = tuple((float(x), 0.0, 0.0) for x in range(-12, 13, 4))
    drawn = delineate([image], [Stroke(StrokeKind.SCRIBBLE, points)])
    assert dice(drawn, truth) > 0.92
    index = np.rint(AXIAL.to_index(points)).astype(int)
    assert drawn.array[tuple(index.T)].all()


def test_corrections_of_the_simulated_reader_help_where_one_phase_hides_the_rim():
    image, truth = ring(AXIAL, rim_hu=108.0)
    strokes, scores = [click()], []
    for _ in range(4):
        drawn = delineate([image], strokes)
        scores.append(dice(drawn, truth))
        strokes.append(next_stroke(truth, drawn))
    assert scores[0] < 0.75
    assert scores == sorted(scores)
    assert scores[-1] > 0.90


def test_every_stroke_is_obeyed():
    image, _ = ring(AXIAL)
    add = Stroke(StrokeKind.ADD, ((0.0, -26.0, 0.0), (1.0, -26.0, 0.0)))
    remove = Stroke(StrokeKind.REMOVE, ((0.0, 14.0, 0.0),))
    drawn = delineate([image], [click(), add, remove])
    for stroke, wanted in ((add, 1), (remove, 0)):
        index = np.rint(AXIAL.to_index(stroke.points_lps_mm)).astype(int)
        assert (drawn.array[tuple(index.T)] == wanted).all()


def test_the_liver_bounds_the_lesion():
    image, _ = ring(AXIAL)
    # Dark tissue like the core touches the lesion on one side.
    places = places_of(AXIAL)
    array = image.volume.array.copy()
    array[places[..., 0] < -18.0] = 45.0
    touching = PhaseImage(Volume(array, AXIAL, "HU"))
    liver = LabelMap((places[..., 0] >= -18.0).astype(np.uint8), AXIAL)
    drawn = delineate([touching], [click()], liver=liver)
    outside = drawn.mask() & (places[..., 0] < -20.0)
    assert np.count_nonzero(outside) < 0.03 * np.count_nonzero(drawn.array)


@pytest.mark.parametrize(
    ("strokes", "says"),
    [
        ([], "starts with one click"),
        ([click(), click()], "not with 2"),
        ([click((500.0, 0.0, 0.0))], "outside the image"),
        ([click((np.nan, 0.0, 0.0))], "finite numbers"),
        ([click((0.0, 30.0, 0.0))], "lies in air"),
        ([click((0.0, 0.0, -30.0))], "outside the liver mask"),
        ([Stroke(StrokeKind.CLICK, (MIDDLE, MIDDLE))], "has 1 points, not 2"),
        ([Stroke(StrokeKind.LINE, (MIDDLE, (1.0, 0.0, 0.0)))], "1.0 mm long"),
        ([Stroke(StrokeKind.ADD, (MIDDLE,))], "starts with one click"),
    ],
)
def test_nonsense_is_refused_in_one_line(strokes, says):
    image, _ = ring(AXIAL)
    places = places_of(AXIAL)
    array = image.volume.array.copy()
    array[places[..., 1] > 26.0] = -1000.0
    airy = PhaseImage(Volume(array, AXIAL, "HU"))
    liver = LabelMap((places[..., 2] > -24.0).astype(np.uint8), AXIAL)
    with pytest.raises(InputError, match=says) as caught:
        delineate([airy], strokes, liver=liver)
    assert "\n" not in str(caught.value)


def test_a_flat_image_gives_a_mask_and_no_crash():
    flat = PhaseImage(Volume(np.full(AXIAL.shape, 100, dtype=np.int16), AXIAL, "HU"))
    assert delineate([flat], [click()]).array.any()


def test_at_the_edge_of_the_image():
    image, truth = ring(AXIAL)
    cut = AXIAL.cropped((0, 0, 45), (34, 90, 45))
    half = PhaseImage(Volume(image.volume.array[:, :, 45:].copy(), cut, "HU"))
    drawn = delineate([half], [click((6.0, 0.0, 0.0))])
    assert dice(drawn, LabelMap(truth.array[:, :, 45:].copy(), cut)) > 0.85
