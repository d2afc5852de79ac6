"""The body of the digital case: organs and vessels as solids, in the order they are painted.

A made-up upper abdomen of plausible size, nobody's. The liver is divided by planes through
its landmarks, and the vessels run where those landmarks say: hepatic veins between
segments, portal branches into them.
"""

from __future__ import annotations

from dataclasses import dataclass

from liverseg.couinaud import Landmarks
from liverseg.teach.shapes import (
    Common,
    Ellipsoid,
    Grown,
    HalfSpace,
    Point,
    Solid,
    Tube,
    Union,
    Without,
)

FAR = 400.0
#: Landmarks in LPS mm: the worked example of the plane method.
LANDMARKS = Landmarks(
    {
        "ivc": (-15.0, 25.0, 60.0),
        "ivc_low": (-18.0, 28.0, -20.0),
        "mhv": (-45.0, -30.0, 45.0),
        "rhv": (-85.0, 15.0, 40.0),
        "gb": (-60.0, -55.0, -60.0),
        "uf": (5.0, -40.0, 5.0),
        "falc": (0.0, -85.0, 30.0),
        "pvb": (-28.0, 0.0, 0.0),
        "rpv": (-55.0, 5.0, 0.0),
        "lpv": (5.0, -15.0, 8.0),
        "lvf": (0.0, 5.0, 25.0),
    }
)


@dataclass(frozen=True)
class Organ:
    """A solid filled with one tissue (table `phantom_tissues`); `moves` with the breath."""

    tissue: str
    solid: Solid
    moves: bool = True


def body(*, gallbladder: bool) -> tuple[Organ, ...]:
    """All organs, each painted over the ones before it."""
    still = (
        Organ("muscle", Ellipsoid((0.0, 2.0, 0.0), (152.0, 106.0, FAR)), moves=False),
        Organ("fat", Ellipsoid((0.0, -2.0, 0.0), (138.0, 90.0, FAR)), moves=False),
        *(Organ("cortical_bone", rib, moves=False) for rib in _ribs()),
        *_spine(),
    )
    skin = Organ("fat", Ellipsoid((0.0, 2.0, 0.0), (166.0, 119.0, FAR)), moves=False)
    lungs = tuple(
        Organ("lung", Ellipsoid((x, 8.0, 132.0), (70.0, 88.0, 92.0)), moves=False)
        for x in (-72.0, 72.0)
    )
    organs = [
        Organ("stomach", Ellipsoid((72.0, -18.0, 22.0), (36.0, 44.0, 46.0))),
        Organ("spleen", SPLEEN),
        *(organ for kidney in KIDNEYS for organ in _kidney(kidney)),
        Organ("liver", LIVER),
        *(Organ("portal_vein", tube) for tube in PORTAL_VEIN),
        *(Organ("hepatic_veins", tube) for tube in HEPATIC_VEINS),
        Organ("ivc", IVC),
        Organ("aorta", AORTA),
    ]
    if gallbladder:
        organs.append(Organ("gallbladder", GALLBLADDER))
    return (skin, *still, *lungs, *organs)


def structures(*, gallbladder: bool) -> tuple[tuple[str, Solid], ...]:
    """Solids of table `structures` by name; where two overlap the later one holds."""
    found: list[tuple[str, Solid]] = [
        ("spleen", SPLEEN),
        ("kidneys", Union(KIDNEYS)),
        ("portal_vein", Union(PORTAL_VEIN)),
        ("hepatic_veins", Union(HEPATIC_VEINS)),
        ("ivc", IVC),
        ("aorta", AORTA),
    ]
    if gallbladder:
        found.append(("gallbladder", GALLBLADDER))
    return tuple(found)


def _kidney(outer: Ellipsoid) -> tuple[Organ, Organ]:
    """Cortex and medulla."""
    x, y, z = outer.radii
    inner = Ellipsoid(outer.centre, (x - 8.0, y - 8.0, z - 9.0), outer.turn_deg)
    return Organ("kidneys", outer), Organ("kidney_medulla", inner)


def _spine() -> tuple[Organ, ...]:
    """Vertebral bodies with discs between them, arch and back muscles round the canal."""
    parts = [
        Organ("muscle", Ellipsoid((side * 38.0, 78.0, 0.0), (30.0, 24.0, FAR)), moves=False)
        for side in (-1.0, 1.0)
    ]
    arch = Tube(((-14.0, 84.0, -FAR), (-14.0, 84.0, FAR)), (7.0, 7.0))
    other = Tube(((14.0, 84.0, -FAR), (14.0, 84.0, FAR)), (7.0, 7.0))
    parts.append(Organ("bone", Union((arch, other)), moves=False))
    parts.append(Organ("muscle", Ellipsoid((0.0, 84.0, 0.0), (8.0, 7.0, FAR)), moves=False))
    for level in range(-4, 5):
        z = 32.0 * level
        shell = Ellipsoid((0.0, 60.0, z), (23.0, 18.0, 26.0))
        caps = (HalfSpace((0, 0, z + 13.0), (0, 0, 1)), HalfSpace((0, 0, z - 13.0), (0, 0, -1)))
        vertebra = Common((shell, *caps), round_mm=2.0)
        parts.append(Organ("cortical_bone", vertebra, moves=False))
        parts.append(Organ("bone", Grown(vertebra, -1.8), moves=False))
    return tuple(parts)


def _ribs() -> tuple[Tube, ...]:
    """Eight pairs that run down to the front, inside the muscle of the wall."""
    ribs = []
    for number in range(-4, 5):
        for side in (-1.0, 1.0):
            points = tuple(
                (side * 145.0 * sin, 2.0 + 98.0 * cos, 26.0 * number + 34.0 * cos)
                for sin, cos in _QUARTERS
            )
            ribs.append(Tube(points, (4.5,) * len(points)))
    return tuple(ribs)


#: Sine and cosine of the angle from the back, every 15 degrees to the front of the chest.
_QUARTERS = (
    (0.342, 0.940), (0.574, 0.819), (0.766, 0.643), (0.906, 0.423), (0.985, 0.174),
    (0.996, -0.087), (0.940, -0.342), (0.819, -0.574),
)  # fmt: skip

SPLEEN = Ellipsoid((100.0, 40.0, 22.0), (27.0, 38.0, 50.0), (0.0, 0.0, -20.0))
KIDNEYS = (
    Ellipsoid((-62.0, 56.0, -72.0), (25.0, 23.0, 48.0), (12.0, 0.0, 15.0)),
    Ellipsoid((62.0, 58.0, -52.0), (25.0, 23.0, 50.0), (12.0, 0.0, -15.0)),
)
GALLBLADDER = Ellipsoid((-57.0, -56.0, -50.0), (12.0, 14.0, 25.0), (20.0, 0.0, 0.0))
IVC = Tube(
    ((-20.0, 30.0, -FAR), (-18.0, 28.0, -20.0), (-15.0, 25.0, 60.0), (-12.0, 14.0, 110.0)),
    (10.5, 10.5, 11.5, 11.5),
)
AORTA = Tube(((12.0, 33.0, -FAR), (14.0, 36.0, 20.0), (16.0, 38.0, FAR)), (9.5, 10.5, 11.0))


def _tube(*points: Point, radii: tuple[float, ...]) -> Tube:
    return Tube(points, radii)


PORTAL_VEIN = (
    _tube((14.0, 8.0, -75.0), (-8.0, 10.0, -30.0), (-28.0, 0.0, 0.0), radii=(6.5, 7.0, 7.0)),
    _tube((-28.0, 0.0, 0.0), (-55.0, 5.0, 0.0), radii=(6.0, 5.5)),
    _tube((-55.0, 5.0, 0.0), (-66.0, -14.0, 8.0), (-70.0, -22.0, 22.0), radii=(4.5, 4.0, 2.5)),
    _tube((-66.0, -14.0, 8.0), (-72.0, -26.0, -12.0), radii=(3.0, 2.0)),
    _tube((-55.0, 5.0, 0.0), (-74.0, 18.0, 4.0), (-78.0, 20.0, 10.0), radii=(4.5, 3.5, 2.5)),
    _tube((-74.0, 18.0, 4.0), (-86.0, 24.0, -18.0), radii=(3.0, 2.0)),
    _tube((-28.0, 0.0, 0.0), (-10.0, -10.0, 8.0), (5.0, -15.0, 8.0), radii=(5.0, 4.5, 4.5)),
    _tube((5.0, -15.0, 8.0), (7.0, -28.0, 8.0), (5.0, -40.0, 5.0), radii=(4.5, 4.5, 4.0)),
    _tube((5.0, -15.0, 8.0), (28.0, -24.0, 16.0), (42.0, -32.0, 20.0), radii=(3.0, 2.5, 1.8)),
    _tube((5.0, -40.0, 5.0), (20.0, -46.0, 0.0), radii=(2.5, 1.8)),
    _tube((5.0, -40.0, 5.0), (-6.0, -46.0, 2.0), radii=(2.5, 1.8)),
)
HEPATIC_VEINS = (
    _tube((-15.0, 25.0, 60.0), (-50.0, 20.0, 52.0), (-85.0, 15.0, 40.0), radii=(6.0, 4.5, 3.5)),
    _tube((-85.0, 15.0, 40.0), (-104.0, 10.0, 22.0), (-112.0, 8.0, 0.0), radii=(3.5, 2.5, 1.8)),
    _tube((-15.0, 25.0, 60.0), (-34.0, -8.0, 54.0), (-45.0, -30.0, 45.0), radii=(5.5, 4.5, 3.5)),
    _tube((-45.0, -30.0, 45.0), (-52.0, -42.0, 20.0), (-56.0, -48.0, -8.0), radii=(3.5, 2.5, 1.8)),
    _tube((-15.0, 25.0, 60.0), (5.0, -4.0, 46.0), (24.0, -24.0, 32.0), radii=(5.0, 4.0, 2.5)),
)
_RIGHT_LOBE = Ellipsoid((-74.0, 2.0, 2.0), (66.0, 76.0, 84.0), (0.0, -6.0, 0.0))
_LEFT_LOBE = Ellipsoid((10.0, -44.0, 9.0), (74.0, 36.0, 38.0), (0.0, 12.0, -8.0))
_CAUDATE = Ellipsoid((-10.0, 5.0, 26.0), (16.0, 20.0, 28.0))
_CAVITY = Ellipsoid((0.0, -2.0, 0.0), (135.0, 87.0, FAR))
#: Liver tissue without the great vessels that groove it; branches run inside.
LIVER = Without(
    Common(
        (
            Union((_RIGHT_LOBE, _LEFT_LOBE, _CAUDATE), round_mm=14.0),
            _CAVITY,
        ),
        round_mm=4.0,
    ),
    (
        Grown(KIDNEYS[0], 4.0),
        # The visceral face looks down, to the back and to the left.
        HalfSpace((-40.0, 20.0, -40.0), (-0.42, -0.52, 0.74)),
        Grown(IVC, 1.0),
        Grown(GALLBLADDER, 1.0),
        Ellipsoid((0.0, 66.0, 20.0), (46.0, 42.0, FAR)),
    ),
    round_mm=5.0,
)
