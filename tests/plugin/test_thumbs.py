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


def test_the_outline_has_the_colour_and_the_inside_is_the_image():
    picture = draw_thumb(view(), size_px=20, colour="#ff8000")
    assert picture.shape == (20, 20, 3)
    np.testing.assert_array_equal(picture[4, 2], (255, 128, 0))
    np.testing.assert_array_equal(picture[5, 3], (255, 255, 255))
    np.testing.assert_array_equal(picture[15, 15], (0, 0, 0))


def test_a_view_stored_upside_down_is_shown_the_right_way_up():
    shown = view()
    turned = replace(
        shown, pixels=shown.pixels[::-1, ::-1], labels=shown.labels[::-1, ::-1], edges=("R", "A")
    )
    one, other = (draw_thumb(some, size_px=20, colour="#ff8000") for some in (shown, turned))
    np.testing.assert_array_equal(one, other)


def test_millimetres_are_square_and_the_rest_is_black():
    picture = draw_thumb(view(spacing_mm=(1.0, 2.0)), size_px=40, colour="#ffffff")
    assert not picture[:10].any()
    assert not picture[30:].any()
    drawn = picture[..., 0] > 0
    assert drawn.any(axis=1).sum() == 4
    assert drawn.any(axis=0).sum() == 16


def test_the_series_it_was_drawn_on_is_preferred():
    first, own = replace(view(), series_uid="1.0"), view()
    place = replace(view(), kind="segments")
    assert chosen_views([place, first, own], series_uid="1.1") == {"A": own}
    assert chosen_views([first], series_uid="1.1") == {"A": first}
