"""What the user asks for."""

import pytest

from liverseg.errors import InputError
from liverseg.workflow import case_request, parse_phase_override, parse_placed_path


def test_a_series_follows_the_last_at(tmp_path):
    mask = tmp_path / "liver.nii.gz"
    mask.touch()
    assert parse_placed_path(f"{mask}@3").series == "3"
    assert parse_placed_path(str(mask)).series is None


def test_an_at_in_an_existing_path_is_part_of_it(tmp_path):
    mask = tmp_path / "a@b.nii"
    mask.touch()
    placed = parse_placed_path(str(mask))
    assert (placed.path, placed.series) == (mask, None)


def test_a_missing_mask_is_named():
    with pytest.raises(InputError, match="nowhere/liver"):
        parse_placed_path("nowhere/liver@3")


@pytest.mark.parametrize("text", ["arterial", "=arterial", "3=", " = "])
def test_a_phase_override_needs_both_sides(text):
    with pytest.raises(InputError, match="SERIES=PHASE"):
        parse_phase_override(text)


def test_a_description_with_an_equals_sign():
    assert parse_phase_override("b=800=dwi") == ("b=800", "dwi")


def test_plain_paths_make_a_request(tmp_path):
    liver = tmp_path / "liver.nii"
    liver.touch()
    request = case_request([tmp_path], tmp_path / "out", liver=[liver], lesions=str(liver))
    assert request.liver[0].path == liver
    assert request.lesions[0].path == liver
