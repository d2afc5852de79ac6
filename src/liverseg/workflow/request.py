"""What `run_case` is asked to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from liverseg.errors import InputError


@dataclass(frozen=True)
class PlacedPath:
    """A file or folder, and the series it belongs to where the user said so.

    `series` is a series UID, key, number or description, or None: then the place is
    found by geometry.
    """

    path: Path
    series: str | None = None


@dataclass(frozen=True)
class CaseRequest:
    """Everything the main job needs.

    `paths` are DICOM files or folders of one patient. `liver`, `couinaud`,
    `structures` and `landmarks` may repeat, one for each exam. `phases` overrides
    phase recognition (series to phase name). `findings` is a YAML file of reported
    findings. `out` is the folder that gets the outputs. `cache` says whether the scan
    may remember headers, see `scan_folder`. Unless `with_identifiers`, no output holds a
    name, birth date or identifier that the images give.
    """

    paths: tuple[Path, ...]
    out: Path
    liver: tuple[PlacedPath, ...]
    lesions: tuple[PlacedPath, ...] = ()
    couinaud: tuple[PlacedPath, ...] = ()
    landmarks: tuple[PlacedPath, ...] = ()
    structures: tuple[PlacedPath, ...] = ()
    findings: Path | None = None
    phases: Mapping[str, str] = field(default_factory=dict)
    case: str = ""
    overwrite: bool = False
    cache: bool = True
    with_identifiers: bool = False


def parse_placed_path(text: str) -> PlacedPath:
    """Read ``MASK`` or ``MASK@SERIES``.

    A path that exists as it stands is taken whole, so an "@" in a folder name is safe.
    Raises `InputError` when nothing is there.

    >>> parse_placed_path("no/such/mask.nii.gz")
    Traceback (most recent call last):
        ...
    liverseg.errors.InputError: there is no file or folder no/such/mask.nii.gz | try: check the path
    """
    if Path(text).exists():
        return PlacedPath(Path(text))
    path, at, series = text.rpartition("@")
    if at and Path(path).exists():
        return PlacedPath(Path(path), series)
    raise InputError(f"there is no file or folder {path or text}", remedy="check the path")


def parse_phase_override(text: str) -> tuple[str, str]:
    """Read ``SERIES=PHASE`` at its last "=" (descriptions may hold one).

    >>> parse_phase_override("3=arterial")
    ('3', 'arterial')
    """
    series, equals, phase = text.rpartition("=")
    if not equals or not series.strip() or not phase.strip():
        raise InputError(f"--phase {text} is not SERIES=PHASE", remedy='for example "3=arterial"')
    return series.strip(), phase.strip()


def case_request(
    paths: Iterable[str | Path],
    out: str | Path,
    *,
    liver: Iterable[str | Path],
    lesions: Iterable[str | Path] = (),
    couinaud: Iterable[str | Path] = (),
    structures: Iterable[str | Path] = (),
    findings: str | Path | None = None,
) -> CaseRequest:
    """A `CaseRequest` from plain paths; each mask may be ``MASK`` or ``MASK@SERIES``.

    The rest (landmarks, phases, name, overwrite) is set with `dataclasses.replace`.
    """
    return CaseRequest(
        paths=tuple(Path(path) for path in paths),
        out=Path(out),
        liver=_placed(liver),
        lesions=_placed(lesions),
        couinaud=_placed(couinaud),
        structures=_placed(structures),
        findings=None if findings is None else Path(findings),
    )


def _placed(masks: Iterable[str | Path]) -> tuple[PlacedPath, ...]:
    if isinstance(masks, (str, Path)):
        masks = [masks]
    return tuple(parse_placed_path(str(mask)) for mask in masks)
