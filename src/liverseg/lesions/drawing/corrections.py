"""What a reader's strokes say about a surface that is there already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from liverseg.geometry import LabelMap
from liverseg.lesions.drawing.fan import cast
from liverseg.lesions.drawing.mixture import Float
from liverseg.lesions.drawing.outline import Outline
from liverseg.lesions.drawing.sphere import closeness, directions, nearest_rays
from liverseg.records import PhaseImage, Stroke, StrokeKind
from liverseg.tables import load_table

#: A surface is at least this far from the centre, in mm.
LEAST_MM = 1.0
#: As likely the one side as the other.
EVEN = 0.5
#: Log likelihood by which another explanation must be better.
SURE = 1.0


@dataclass(frozen=True, eq=False)
class Pull:
    """Where one stroke wants the border: `target_mm` along `rays`.

    `points` (n, 3) are those of the stroke about the centre. `blind` (0 to 1) is how much
    what was marked looks like the other side, so that the image cannot tell.
    """

    rays: np.ndarray
    target_mm: Float
    blind: float
    points: Float
    adds: bool


@dataclass(frozen=True, eq=False)
class Drawing:
    """A surface, the surface before it was corrected, and all strokes since."""

    outline: Outline
    base_mm: Float
    pulls: tuple[Pull, ...] = ()


def correct(
    drawing: Drawing, stroke: Stroke, images: Sequence[PhaseImage], liver: LabelMap | None
) -> Drawing:
    """The surface after one more stroke.

    The border is expected a little less far beyond the stroke than the stroke is from the
    present border, for readers mark the middle of an error. All strokes together move the
    surface as observations of one smooth error; where the image could not tell the marked
    tissue from the other side, part of that error is the same all round: the more, the less
    the lesion stands out.
    """
    pull = _pull(drawing.outline, stroke)
    drawing = _wide_enough(drawing, float(pull.target_mm.max()), images, liver)
    outline, base = drawing.outline, drawing.base_mm
    moved = float(np.median(np.abs(pull.target_mm - outline.reach_mm[pull.rays])))
    number = load_table("delineate_rules").number
    if moved < number("local_below"):
        touched = replace(outline, reach_mm=_obeying(outline.reach_mm, (pull,)))
        return replace(drawing, outline=touched)
    pulls = (*drawing.pulls, pull)
    # What the image cannot tell is wrong widely; what it can tell is a bulge or a dent.
    blind = [one for one in pulls if one.blind >= EVEN]
    reach = base + _error(base, blind, outline.clear, number("correction_width"))
    plain = [one for one in pulls if one.blind < EVEN]
    reach = reach + _error(reach, plain, outline.clear, number("bulge_width"))
    # Taking a bulge away does not dig into what lies lower beside it.
    floor = min((float(one.target_mm.min()) for one in pulls if not one.adds), default=np.inf)
    reach = np.maximum(reach, np.minimum(base, floor))
    reach = np.clip(reach, LEAST_MM, outline.fan.borders_mm[-1])
    return Drawing(replace(outline, reach_mm=_obeying(reach, pulls)), base, pulls)


def hold_line(outline: Outline, ends: Float) -> Outline:
    """The surface through both ends (2, 3) of a diameter, about the fan's centre."""
    number = load_table("delineate_rules").number
    distance = np.linalg.norm(ends, axis=1)
    rays = nearest_rays(ends / distance[:, None])
    pulled = distance - outline.reach_mm[rays]
    near = closeness(number("correction_width"))
    scale = float(np.abs(pulled).mean()) + 1.0
    seen = near[np.ix_(rays, rays)] + np.eye(2) * (number("line_noise") / scale) ** 2
    reach = outline.reach_mm + near[:, rays] @ np.linalg.solve(seen, pulled)
    return replace(outline, reach_mm=np.clip(reach, LEAST_MM, outline.fan.borders_mm[-1]))


def hold_inside(outline: Outline, points: Float) -> Outline:
    """The surface outside of all points (n, 3) about the centre."""
    pull = Pull(np.zeros(0, dtype=int), np.zeros(0), 0.0, points, adds=True)
    return replace(outline, reach_mm=_obeying(outline.reach_mm, (pull,)))


def _pull(outline: Outline, stroke: Stroke) -> Pull:
    number = load_table("delineate_rules").number
    adds = stroke.kind is StrokeKind.ADD
    points = np.asarray(stroke.points_lps_mm, dtype=np.float64) - outline.fan.centre
    distance, units = _polar(points)
    near = nearest_rays(units)
    move = number("beyond") * (distance - outline.reach_mm[near])
    move = np.maximum(move, LEAST_MM) if adds else np.minimum(move, -LEAST_MM)
    radii = outline.fan.radii_mm
    sample = np.clip(np.searchsorted(radii, distance), 0, len(radii) - 1)
    # How much the marked tissue looks like surroundings: then only the hand knows.
    looks = np.clip(2 * outline.lesion[near, sample], -20, 20)
    like_liver = float(np.mean(1 / (1 + np.exp(looks))))
    rays, which = np.unique(near, return_inverse=True)
    means = np.bincount(which, move) / np.bincount(which)
    return Pull(rays, outline.reach_mm[rays] + means, like_liver, points, adds)


def _error(base_mm: Float, pulls: Sequence[Pull], clear: float, width_rad: float) -> Float:
    """(642,) how far the border lies from `base_mm`, by all pulls together."""
    if not pulls:
        return np.zeros_like(base_mm)
    table = load_table("delineate_rules")
    rays = np.concatenate([pull.rays for pull in pulls])
    wanted = np.concatenate([pull.target_mm for pull in pulls]) - base_mm[rays]
    shares: list[float] = []
    for pull in pulls:
        size = float(np.median(np.abs(pull.target_mm - base_mm[pull.rays])))
        share = pull.blind * (1 - np.exp(-((size / table.number("shared_from")) ** 2)))
        shares.extend([float(share)] * len(pull.rays))
    hardly, well, agreed = table["shared"].value
    expected = hardly + clear * (well - hardly)
    scale = float(np.sqrt((wanted**2).mean())) + 1.0
    noise = (table.number("correction_noise") * scale + 0.5) ** 2
    near = closeness(width_rad)
    best, result = -np.inf, np.zeros_like(base_mm)
    # Strokes that agree far apart are more likely under an error that is the same all round.
    for share in (expected, max(expected, agreed)):
        shared = share * float(np.mean(shares))
        prior = scale**2 * (shared + (1 - shared) * near)
        seen = prior[np.ix_(rays, rays)] + np.eye(len(rays)) * noise
        solved = np.linalg.solve(seen, wanted)
        likely = -0.5 * float(wanted @ solved) - 0.5 * float(np.linalg.slogdet(seen)[1])
        if likely > best + SURE:
            best, result = likely, np.asarray(prior[:, rays] @ solved)
    return result


def _obeying(reach_mm: Float, pulls: Sequence[Pull]) -> Float:
    """The surface with every point of every stroke on its side; the last stroke has its way."""
    number = load_table("delineate_rules").number
    margin, half = number("scribble_margin"), number("scribble_width")
    reach = reach_mm.copy()
    for pull in pulls:
        distance, units = _polar(pull.points)
        angles = np.arccos(np.clip(directions() @ units.T, -1, 1))
        for along, far in zip(angles.T, distance, strict=True):
            near = along < max(half / max(far, half), 0.1)
            if pull.adds:
                reach[near] = np.maximum(reach[near], far + margin)
            else:
                reach[near] = np.minimum(reach[near], max(far - margin, LEAST_MM))
    return reach


def _wide_enough(
    drawing: Drawing, needed_mm: float, images: Sequence[PhaseImage], liver: LabelMap | None
) -> Drawing:
    """The same drawing on longer rays, where a stroke asks for them."""
    fan = drawing.outline.fan
    if needed_mm < 0.8 * fan.radii_mm[-1]:
        return drawing
    share = load_table("delineate_rules").number("far_share")
    wider = cast(images, fan.centre, far_mm=share * needed_mm, step_mm=fan.step_mm, liver=liver)
    lesion = np.full(wider.seen.shape, -1.0)
    lesion[:, : fan.radii_mm.size] = drawing.outline.lesion[:, : wider.radii_mm.size]
    return replace(drawing, outline=replace(drawing.outline, fan=wider, lesion=lesion))


def _polar(points: Float) -> tuple[Float, Float]:
    distance = np.maximum(np.linalg.norm(points, axis=1), 1e-6)
    return distance, points / distance[:, None]
