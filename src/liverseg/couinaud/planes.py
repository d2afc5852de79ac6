"""Landmarks to signed planes, with every refusal that keeps a bad click from dividing a liver.

The classic plane method: three vertical planes through the cava (main, right,
umbilical), a height for the right and for the left liver, and the front of segment 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from liverseg.couinaud.landmarks import Landmarks
from liverseg.errors import GeometryError, InputError
from liverseg.tables import Table, load_table

Vector = NDArray[np.float64]
LEFT: Vector = np.array([1.0, 0.0, 0.0])
BACK: Vector = np.array([0.0, 1.0, 0.0])
HEAD: Vector = np.array([0.0, 0.0, 1.0])
WHERE = "Couinaud landmarks"


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane through `point` (LPS mm) with unit `normal`; `sine` of the angle defining it.

    `sine` is 1 for a plane that is given by its normal.
    """

    name: str
    point: Vector
    normal: Vector
    sine: float = 1.0

    def distance_mm(self, points_lps_mm: ArrayLike) -> Vector:
        """(...) signed distances in mm of (..., 3) positions."""
        return np.asarray((np.asarray(points_lps_mm, dtype=np.float64) - self.point) @ self.normal)


@dataclass(frozen=True, eq=False)
class Planes:
    """All planes of one division, and what d >= 0 means for each.

    main: left hemiliver; right: posterior section; umbilical: left lateral section;
    upper_right: 7 and 8; upper_left: 2 and 4a; caudate: behind the front of segment 1
    (None without `lvf`); lateral: segment 2 (the oblique 2|3 border, None unless asked).
    `cranial` is the unit axis from `ivc_low` to `ivc`, `left` its perpendicular to the left.
    """

    cranial: Vector
    left: Vector
    main: Plane
    right: Plane
    umbilical: Plane
    upper_right: Plane
    upper_left: Plane
    caudate: Plane | None = None
    lateral: Plane | None = None

    @property
    def all(self) -> tuple[Plane, ...]:
        """Every plane there is."""
        named = (
            self.main,
            self.right,
            self.umbilical,
            self.upper_right,
            self.upper_left,
            self.caudate,
            self.lateral,
        )
        return tuple(plane for plane in named if plane is not None)


def build_planes(landmarks: Landmarks, *, oblique_2_3: bool = False) -> Planes:
    """Signed planes from landmarks; the sign of a normal never depends on the order of clicks.

    Raises `InputError` when a needed landmark is missing, and `GeometryError` with the
    number found and its limit when points lie too close together, on one line, swapped
    or in the wrong order round the cava.
    """
    table = load_table("couinaud_rules")
    _require_points(landmarks, table, oblique_2_3=oblique_2_3)
    _require_distances(landmarks, table, oblique_2_3=oblique_2_3)
    _require_order(landmarks, table)
    ivc, p = landmarks["ivc"], landmarks
    cranial = _unit(ivc - p["ivc_low"])
    left = _unit(LEFT - (LEFT @ cranial) * cranial)
    second = p["rhv_low"] - ivc if "rhv_low" in p else cranial
    make = _Maker(table)
    return Planes(
        cranial=cranial,
        left=left,
        main=make("main", ivc, (p["mhv"] - ivc, p["gb"] - ivc), LEFT),
        right=make("right", ivc, (p["rhv"] - ivc, second), BACK),
        umbilical=make("umbilical", ivc, (p["uf"] - ivc, p["falc"] - ivc), LEFT),
        upper_right=Plane("upper_right", p["rpv"], cranial),
        upper_left=Plane("upper_left", p["lpv"], cranial),
        caudate=make("caudate", p["lvf"], (p["pvb"] - p["lvf"], cranial), BACK)
        if "lvf" in p
        else None,
        lateral=make("lateral", ivc, (p["lhv"] - ivc, p["lpv"] - ivc), _unit(cranial + BACK))
        if oblique_2_3
        else None,
    )


def azimuth_deg(landmarks: Landmarks, point: ArrayLike) -> float:
    """Angle of a position (LPS mm) round the cava in degrees, from -45 up to 315.

    0 is left, 90 front, 180 right, 270 back, seen along the axis from `ivc_low` to `ivc`.
    """
    cranial = _unit(landmarks["ivc"] - landmarks["ivc_low"])
    left = _unit(LEFT - (LEFT @ cranial) * cranial)
    back = np.cross(cranial, left)
    v = np.asarray(point, dtype=np.float64) - landmarks["ivc"]
    return float((-np.degrees(np.arctan2(v @ back, v @ left)) + 45.0) % 360.0 - 45.0)


@dataclass(frozen=True)
class _Maker:
    table: Table

    def __call__(
        self, name: str, point: Vector, arms: tuple[Vector, Vector], axis: Vector
    ) -> Plane:
        """Plane spanned by two arms, its normal turned along `axis`; refuses unsure ones."""
        first, second = arms
        normal = np.cross(first, second)
        lengths = float(np.linalg.norm(first) * np.linalg.norm(second))
        sine = float(np.linalg.norm(normal)) / lengths if lengths > 0 else 0.0
        _require(
            sine >= (limit := self.table.number("sine_min")),
            f"the points of the {name} plane lie nearly on one line: sine {sine:.3f}, "
            f"at least {limit:g} is needed",
        )
        normal = _unit(normal)
        along = float(normal @ axis)
        _require(
            abs(along) >= (limit := self.table.number("sign_min")),
            f"the {name} plane faces the wrong way: its normal has {abs(along):.3f} along the "
            f"axis that gives it its sign, at least {limit:g} is needed",
        )
        return Plane(name, point, normal * np.sign(along), sine)


def _require_points(landmarks: Landmarks, table: Table, *, oblique_2_3: bool) -> None:
    needed = [*table["required"].value, *(["lhv"] if oblique_2_3 else [])]
    missing = [name for name in needed if name not in landmarks]
    if missing:
        raise InputError(
            f"{len(missing)} of {len(needed)} landmarks are missing: {', '.join(missing)}",
            where=WHERE,
            remedy="click them; nothing is guessed",
        )


def _require_distances(p: Landmarks, table: Table, *, oblique_2_3: bool) -> None:
    far = ["ivc_low", "mhv", "rhv", "gb", "uf", *(["lhv"] if oblique_2_3 else [])]
    for name in far:
        found = float(np.linalg.norm(p[name] - p["ivc"]))
        limit = table.number(f"distance_ivc_{name}")
        _require(
            found >= limit,
            f"{name} is {found:.1f} mm from ivc; at least {limit:g} mm are needed",
        )
    up = float(_unit(p["ivc"] - p["ivc_low"]) @ HEAD)
    limit = table.number("cranial_up_min")
    _require(
        up >= limit,
        f"the axis from ivc_low to ivc has {up:.2f} towards the head; at least {limit:g} is needed",
    )
    right = float(p["lpv"][0] - p["rpv"][0])
    limit = table.number("rpv_right_of_lpv")
    _require(
        right >= limit,
        f"rpv lies {right:.1f} mm to the right of lpv; at least {limit:g} mm are needed",
    )
    below = float((p["ivc"] - p["pvb"]) @ _unit(p["ivc"] - p["ivc_low"]))
    limit = table.number("pvb_below_ivc")
    _require(below >= limit, f"pvb lies {below:.1f} mm below ivc; at least {limit:g} mm are needed")


def _require_order(p: Landmarks, table: Table) -> None:
    """Umbilical fissure, middle and right hepatic vein follow each other round the cava."""
    at = {name: azimuth_deg(p, p[name]) for name in ("uf", "mhv", "rhv")}
    limit = table.number("azimuth_gap_min")
    for first, second in (("uf", "mhv"), ("mhv", "rhv")):
        gap = at[second] - at[first]
        _require(
            gap >= limit,
            f"{second} comes {gap:.1f} degrees after {first} round the cava "
            f"(left over front to right); at least {limit:g} are needed",
        )


def _require(
    holds: bool, what: str, remedy: str = "check these points; one may be swapped"
) -> None:
    if not holds:
        raise GeometryError(what, where=WHERE, remedy=remedy)


def _unit(vector: Vector) -> Vector:
    return np.asarray(vector / np.linalg.norm(vector))
