"""The small picture of a lesion: right way up, square in mm, outlined."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from liverseg.records import View
from napari_liverseg.thumbs import chosen_views, draw_thumb


def view(*, edges=("L", "P"), spacing_mm=(1.0, 1.0)) -> View:
    """20 x 20 pixels: black, a white lesion of 4 x 8 in the upper left part."""
    pixels = np.zeros((20, 20), dtype=np.int16)
    pixels[4:8, 2:10] = 100
    labels = (pixels > 0).astype(np.uint8)
    return View(
        "lesion", "e", "A", "p", "1.1", 3, pixels, labels, spacing_mm, "HU", (0.0, 100.0), edges
    )


def test_the_lesion_fills_the_middle_outlined_in_its_colour():
    picture = draw_thumb(view(), size_px=64, colour="#ff8000")
    assert picture.shape == (64, 64, 3)
    white = (picture == 255).all(axis=2)
    orange = (picture == (255, 128, 0)).all(axis=2)
    down, right = np.nonzero(white | orange)
    # 8 x 1.6 mm side by side: the lesion takes 1 / 1.6 of the width, half of that in height.
    assert (right.min(), right.max()) == (12, 51)
    assert (down.min(), down.max()) == (22, 41)
    assert orange[22, 12:52].all()
    assert white[23:41, 13:51].all()
    np.testing.assert_array_equal(picture[60, 60], (0, 0, 0))


def test_a_view_stored_upside_down_is_shown_the_right_way_up():
    shown = view()
    turned = replace(
        shown, pixels=shown.pixels[::-1, ::-1], labels=shown.labels[::-1, ::-1], edges=("R", "A")
    )
    one, other = (draw_thumb(some, size_px=20, colour="#ff8000") for some in (shown, turned))
    np.testing.assert_array_equal(one, other)


def test_millimetres_are_square_and_what_lies_outside_is_black():
    picture = draw_thumb(view(spacing_mm=(1.0, 2.0)), size_px=64, colour="#ffffff")
    drawn = (picture == 255).all(axis=2)
    assert drawn.any(axis=1).sum() == 10
    assert drawn.any(axis=0).sum() == 40
    bare = view()
    bare = replace(bare, labels=bare.labels * 0)
    assert draw_thumb(bare, size_px=20, colour="#ffffff")[4, 2].all()


def test_the_series_it_was_drawn_on_is_preferred():
    first, own = replace(view(), series_uid="1.0"), view()
    place = replace(view(), kind="segments")
    assert chosen_views([place, first, own], series_uid="1.1") == {"A": own}
    assert chosen_views([first], series_uid="1.1") == {"A": first}
