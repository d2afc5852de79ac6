"""Landmarks: what is taken, what is refused, and the way through a file."""

import json
import pickle

import pytest

from liverseg.couinaud import Landmarks, landmarks_as_dict, parse_landmarks, read_landmarks
from liverseg.errors import InputError
from liverseg.testing.worked_liver import WORKED_POINTS


def test_points_go_in_and_out_unchanged():
    landmarks = parse_landmarks(WORKED_POINTS)
    assert {k: tuple(v) for k, v in landmarks_as_dict(landmarks).items()} == dict(WORKED_POINTS)
    assert "lhv" not in landmarks
    assert landmarks["gb"].tolist() == [-60.0, -55.0, -60.0]


def test_points_cannot_be_changed_and_survive_pickling():
    landmarks = Landmarks(dict(WORKED_POINTS))
    with pytest.raises(TypeError):
        landmarks.points["ivc"] = (0.0, 0.0, 0.0)
    assert dict(pickle.loads(pickle.dumps(landmarks)).points) == dict(WORKED_POINTS)


def test_an_unknown_id_lists_the_known_ones():
    with pytest.raises(InputError) as caught:
        parse_landmarks({"ivc": [0, 0, 0], "mvh": [1, 2, 3]})
    assert "'mvh'" in str(caught.value)
    for known in ("ivc_low", "mhv", "lvf", "rhv_low"):
        assert known in str(caught.value)


@pytest.mark.parametrize(
    "value",
    [[1, 2], [1, 2, 3, 4], [1, 2, float("nan")], [1, 2, float("inf")], "123", None, 5, ["a", 1, 2]],
)
def test_three_finite_numbers_or_nothing(value):
    with pytest.raises(InputError, match=r"landmark ivc is .*not three finite numbers"):
        parse_landmarks({"ivc": value})


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("name", ["points.json", "points.yaml"])
def test_reads_yaml_and_json(tmp_path, name, nested):
    content = landmarks_as_dict(parse_landmarks(WORKED_POINTS))
    path = tmp_path / name
    path.write_text(json.dumps({"landmarks": content} if nested else content))
    assert dict(read_landmarks(path).points) == dict(WORKED_POINTS)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ivc: [1, 2, 3\nmhv: [", "line 2"),
        ("ivc: [1, 2, 3]\nivc: [4, 5, 6]\n", "'ivc' stands there twice"),
        ("- ivc\n- mhv\n", "mapping"),
        ("ivc: [1, 2, x]\n", "landmark ivc"),
        ("", "mapping"),
    ],
)
def test_a_bad_file_is_named_with_what_is_wrong(tmp_path, text, says):
    path = tmp_path / "points.yaml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_landmarks(path)
    assert "points.yaml" in str(caught.value)
    assert says in str(caught.value)


def test_a_missing_or_binary_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.yaml"):
        read_landmarks(tmp_path / "none.yaml")
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(InputError, match=r"b\.yaml"):
        read_landmarks(tmp_path / "b.yaml")
