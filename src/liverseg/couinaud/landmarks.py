"""Landmarks: the points that a reader clicks to divide a liver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import yaml
from numpy.typing import NDArray

from liverseg.errors import InputError
from liverseg.geometry import Point
from liverseg.tables import load_table


@dataclass(frozen=True)
class Landmarks:
    """Points in LPS mm by id ("ivc", "mhv" ...; table `couinaud_rules`). Not all need be there.

    Built by `parse_landmarks`, which checks them; `divide_liver` refuses when one that
    it needs is missing.
    """

    points: Mapping[str, Point]

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", MappingProxyType(dict(self.points)))

    def __reduce__(self) -> tuple[object, ...]:
        # A mapping proxy cannot be pickled.
        return type(self), (dict(self.points),)

    def __contains__(self, name: str) -> bool:
        return name in self.points

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        """(3,) LPS mm of one landmark; KeyError if it was not clicked."""
        return np.array(self.points[name], dtype=np.float64)


def known_landmarks() -> tuple[str, ...]:
    """Ids of all landmarks, the required ones first."""
    table = load_table("couinaud_rules")
    return (*table["required"].value, *table["optional"].value)


@dataclass(frozen=True)
class LandmarkPlace:
    """Where a landmark is clicked: its id, a short title, the place in words."""

    name: str
    title: str
    place: str
    required: bool


def landmark_places() -> tuple[LandmarkPlace, ...]:
    """All landmarks in the order in which they are asked for, the required ones first.

    Source of each: table `couinaud_landmarks`.
    """
    table, required = load_table("couinaud_landmarks"), load_table("couinaud_rules")["required"]
    return tuple(
        LandmarkPlace(
            name, str(table[name].more["title"]), str(table[name].value), name in required.value
        )
        for name in known_landmarks()
    )


def missing_landmarks(landmarks: Landmarks) -> tuple[str, ...]:
    """Required landmarks that were not clicked yet."""
    return tuple(
        name for name in load_table("couinaud_rules")["required"].value if name not in landmarks
    )


def parse_landmarks(mapping: Mapping[str, object], *, where: str = "landmarks") -> Landmarks:
    """Check a mapping {id: [x, y, z]} in LPS mm and make `Landmarks` of it.

    Raises `InputError` for an unknown id (listing the known ones) and for anything that
    is not three finite numbers. Missing points are no error here.
    """
    known = known_landmarks()
    points: dict[str, Point] = {}
    for name, value in mapping.items():
        if name not in known:
            raise InputError(
                f"there is no landmark {name!r}", where=where, remedy="use " + ", ".join(known)
            )
        points[name] = _parse_point(name, value, where=where)
    return Landmarks(points)


def landmarks_as_dict(landmarks: Landmarks) -> dict[str, list[float]]:
    """{id: [x, y, z]} in LPS mm, as `parse_landmarks` takes it and JSON can hold it."""
    return {name: list(point) for name, point in landmarks.points.items()}


def read_landmarks(path: Path | str) -> Landmarks:
    """Read landmarks from a YAML or JSON file: {id: [x, y, z]}, LPS mm.

    The mapping may also stand under a key `landmarks`. Raises `InputError` that names
    the file, and the line of a mistake where there is one.
    """
    path = Path(path)
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot read landmarks: {error}", where=str(path), remedy="pass a YAML or JSON file"
        ) from error
    except yaml.YAMLError as error:
        what = " ".join(str(error).split())
        raise InputError(
            f"landmarks are neither YAML nor JSON: {what}",
            where=str(path),
            remedy="write one line a landmark, such as `ivc: [-15, 25, 60]`",
        ) from error
    if isinstance(content, dict) and isinstance(content.get("landmarks"), dict):
        content = content["landmarks"]
    if not isinstance(content, dict):
        raise InputError(
            "a landmark file holds a mapping from landmark to [x, y, z]",
            where=str(path),
            remedy="write one line a landmark, such as `ivc: [-15, 25, 60]`",
        )
    return parse_landmarks({str(key): value for key, value in content.items()}, where=str(path))


def _parse_point(name: str, value: object, *, where: str) -> Point:
    try:
        x, y, z = (float(number) for number in value)  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        x = y = z = float("nan")
    if isinstance(value, str) or not np.isfinite([x, y, z]).all():
        raise InputError(
            f"landmark {name} is {value!r}, not three finite numbers",
            where=where,
            remedy="give x, y, z in LPS mm: to the left, to the back, to the head",
        )
    return x, y, z


class _StrictLoader(yaml.SafeLoader):
    """YAML reader that refuses the same key twice (plain YAML keeps the last in silence)."""


def _unique_mapping(loader: _StrictLoader, node: yaml.MappingNode) -> dict[object, object]:
    seen = [loader.construct_object(key, deep=True) for key, _ in node.value]
    for key in seen:
        if seen.count(key) > 1:
            raise yaml.constructor.ConstructorError(
                None, None, f"{key!r} stands there twice", node.start_mark
            )
    return loader.construct_mapping(node, deep=True)


_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _unique_mapping)
