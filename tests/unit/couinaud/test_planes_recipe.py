"""The plane recipe against its worked example, and every refusal."""

import numpy as np
import pytest

from liverseg.couinaud import azimuth_deg, build_planes, divide_liver, parse_landmarks
from liverseg.errors import GeometryError, InputError, LiversegError
from liverseg.geometry import Grid, LabelMap
from liverseg.testing.worked_liver import WORKED_POINTS, worked_grid, worked_liver

PROBES = [  # position, dM, dR, dU, height over rpv, over lpv, dC, label
    ((-70, -25, 55), -24.5, -41.1, -56.7, 55.5, 44.5, -12.9, "8"),
    ((-75, -45, -35), -18.3, -64.0, -88.2, -33.8, -44.8, -35.4, "5"),
    ((-95, 30, -45), -71.4, 12.7, -106.3, -47.4, -58.4, 41.6, "6"),
    ((-90, 45, 35), -75.2, 30.2, -77.9, 32.1, 21.2, 58.7, "7"),
    ((-22, -55, 15), 32.5, -79.8, -23.8, 18.5, 7.5, -54.3, "4a"),
    ((40, -25, 30), 72.5, -59.1, 41.4, 34.6, 23.7, -37.6, "2"),
    ((25, -60, -8), 76.5, -93.0, 14.4, -2.6, -13.5, -70.3, "3"),
    ((-12, 8, 25), 11.2, -18.7, -8.0, 26.5, 15.5, 5.5, "1"),
]


def points(**changes):
    merged = {**WORKED_POINTS, **changes}
    return parse_landmarks({k: v for k, v in merged.items() if v is not None})


@pytest.mark.parametrize(
    ("name", "normal", "sine"),
    [
        ("main", (0.879, -0.476, -0.012), 0.631),
        ("right", (-0.153, 0.987, 0.043), 0.953),
        ("umbilical", (0.957, 0.053, 0.286), 0.426),
        ("upper_right", (0.037, -0.037, 0.999), 1.0),
        ("upper_left", (0.037, -0.037, 0.999), 1.0),
        ("caudate", (-0.214, 0.976, 0.045), 0.731),
    ],
)
def test_normals_and_sines_of_the_worked_example(name, normal, sine):
    plane = getattr(build_planes(points()), name)
    np.testing.assert_allclose(plane.normal, normal, atol=0.0006)
    assert plane.sine == pytest.approx(sine, abs=0.0006)


@pytest.mark.parametrize("probe", PROBES, ids=lambda p: p[-1])
def test_probe_distances_of_the_worked_example(probe):
    planes = build_planes(points())
    names = ("main", "right", "umbilical", "upper_right", "upper_left", "caudate")
    found = [float(getattr(planes, name).distance_mm(probe[0])) for name in names]
    np.testing.assert_allclose(found, probe[1:7], atol=0.06)


@pytest.mark.parametrize("probe", PROBES, ids=lambda p: p[-1])
@pytest.mark.parametrize("split", [True, False])
def test_probe_labels_of_the_worked_example(probe, split):
    # One voxel at the probe, far pieces so that every landmark lies near the mask.
    grid = Grid.axial((1, 1, 1), (1.0, 1.0, 1.0), origin_lps_mm=probe[0])
    whole = worked_grid(step_mm=5.0)
    shift = np.array(probe[0]) - whole.to_lps_mm(np.rint(whole.to_index(probe[0])))
    liver = worked_liver(whole.shifted(shift))
    segments, _ = divide_liver(liver, points(), split_four=split)
    at = tuple(np.rint(segments.grid.to_index(grid.to_lps_mm((0, 0, 0)))).astype(int))
    wanted = probe[-1] if split else probe[-1].replace("4a", "4")
    assert segments.name_of(int(segments.array[at])) == wanted


@pytest.mark.parametrize(
    ("name", "angle"),
    [("uf", 71.9), ("falc", 81.8), ("gb", 115.7), ("mhv", 118.0), ("rpv", 149.5), ("rhv", 171.2)],
)
def test_azimuths_of_the_worked_example(name, angle):
    assert azimuth_deg(points(), WORKED_POINTS[name]) == pytest.approx(angle, abs=0.06)


def test_azimuth_grows_from_left_over_front_and_right_to_back():
    upright = parse_landmarks({"ivc": (0, 0, 50), "ivc_low": (0, 0, 0)})
    around = [(9, 0, 0), (0, -9, 0), (-9, 0, 0), (0, 9, 0), (9, 1, 0)]
    found = [azimuth_deg(upright, point) for point in around]
    assert found == pytest.approx([0.0, 90.0, 180.0, 270.0, -6.34], abs=0.01)


def test_the_oblique_border_separates_the_left_probes():
    lateral = build_planes(points(lhv=(25, -20, 50)), oblique_2_3=True).lateral
    assert float(lateral.distance_mm((40, -25, 30))) == pytest.approx(12.1, abs=0.06)
    assert float(lateral.distance_mm((25, -60, -8))) == pytest.approx(-12.4, abs=0.06)


def test_lhv_changes_nothing_until_asked_for():
    assert build_planes(points(lhv=(25, -20, 50))).lateral is None


def test_a_second_point_tilts_the_right_plane_and_both_lie_on_it():
    low = (-100.0, 0.0, -40.0)
    right = build_planes(points(rhv_low=low)).right
    assert float(right.distance_mm(low)) == pytest.approx(0.0, abs=1e-9)
    assert float(right.distance_mm(WORKED_POINTS["rhv"])) == pytest.approx(0.0, abs=1e-9)
    assert right.normal[1] > 0


@pytest.mark.parametrize("name", ["ivc", "ivc_low", "mhv", "rhv", "gb", "uf", "falc", "pvb"])
def test_a_missing_point_is_named(name):
    with pytest.raises(InputError, match=f"1 of 10 landmarks are missing: {name} "):
        build_planes(points(**{name: None}))


def test_the_oblique_border_needs_its_vein():
    with pytest.raises(InputError, match="lhv"):
        build_planes(points(), oblique_2_3=True)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"mhv": (-20, 15, 55)}, r"mhv is 12\.2 mm from ivc; at least 20 mm"),
        ({"rhv": (-25, 20, 60)}, r"rhv is 11\.2 mm from ivc; at least 20 mm"),
        ({"gb": (-30, -5, 40)}, r"gb is 39\.1 mm from ivc; at least 50 mm"),
        ({"uf": (-5, 5, 50)}, r"uf is 24\.5 mm from ivc; at least 30 mm"),
        ({"ivc_low": (-15, 25, 45)}, r"ivc_low is 15\.0 mm from ivc; at least 20 mm"),
        ({"ivc_low": (-15, 25, 140)}, r"has -1\.00 towards the head; at least 0\.5"),
        ({"gb": (-75, -85, 30)}, r"main plane lie nearly on one line: sine 0\.0"),
        ({"falc": (10, -53, -7)}, r"umbilical plane lie nearly on one line: sine 0\.0"),
        ({"falc": (-15, 25, 60)}, r"umbilical plane lie nearly on one line: sine 0\.000"),
        ({"rhv": (-22.5, 26.5, 20)}, r"right plane lie nearly on one line: sine 0\.1"),
        ({"lvf": (-27, -1, 20)}, r"caudate plane lie nearly on one line"),
        ({"lvf": (-28, 0, 0)}, r"caudate plane lie nearly on one line: sine 0\.000"),
        ({"rhv_low": (-85, 85, 40)}, r"right plane faces the wrong way: its normal has 0\.0"),
        ({"rpv": (5, -15, 8), "lpv": (-55, 5, 0)}, r"rpv lies -60\.0 mm to the right of lpv"),
        ({"pvb": (-28, 0, 55)}, r"pvb lies 4\.\d mm below ivc; at least 15"),
        ({"mhv": (-85, 15, 40), "rhv": (-45, -30, 45)}, r"rhv comes -53\.\d degrees after mhv"),
        ({"mhv": (10, -30, 45)}, r"mhv comes -?\d+\.\d degrees after uf"),
    ],
)
def test_refuses_with_the_number_found_and_the_limit(changes, says):
    with pytest.raises(GeometryError, match=says):
        build_planes(points(**changes))


def test_refuses_an_oblique_vein_too_near():
    near = points(lhv=(-10, 20, 55))
    with pytest.raises(GeometryError, match=r"lhv is 8\.7 mm from ivc"):
        build_planes(near, oblique_2_3=True)


@pytest.mark.parametrize("name", ["mhv", "gb", "uf", "rpv", "lpv"])
def test_refuses_points_far_outside_the_mask(name):
    # A small liver round ivc and rhv: the others lie far from it.
    grid = worked_grid()
    index = np.stack(np.meshgrid(*map(np.arange, grid.shape), indexing="ij"), axis=-1)
    gap = np.linalg.norm(grid.to_lps_mm(index) - WORKED_POINTS[name], axis=-1)
    liver = worked_liver(grid)
    cut = LabelMap((liver.mask() & (gap > 28)).astype(np.uint8), grid)
    with pytest.raises(GeometryError, match=rf"{name} lies 2[89]\.\d mm outside.*at most 20 mm"):
        divide_liver(cut, points())
    kept = LabelMap((liver.mask() & (gap > 14)).astype(np.uint8), grid)
    divide_liver(kept, points())


def test_refuses_a_mask_with_gantry_tilt():
    grid = worked_grid()
    sheared = grid.lps_from_index.copy()
    sheared[1, 0] += 0.05
    tilted = Grid(grid.shape, sheared)
    with pytest.raises(GeometryError, match="right angles"):
        divide_liver(worked_liver(tilted), points())


def test_every_refusal_says_what_to_do():
    with pytest.raises(LiversegError) as caught:
        build_planes(points(mhv=(-20, 15, 55)))
    assert "try:" in str(caught.value)
