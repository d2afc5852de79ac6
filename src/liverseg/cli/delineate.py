"""`liverseg delineate`: from a click to a mask."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from liverseg import NOTICE
from liverseg.cli.screen import console, progress_bar
from liverseg.errors import InputError
from liverseg.extensions import find_segmenters
from liverseg.geometry import Point
from liverseg.lesions import StarRays
from liverseg.records import Stroke, StrokeKind
from liverseg.workflow import (
    DelineateRequest,
    delineate_path,
    parse_placed_path,
    require_ending,
    write_mask,
)


def delineate(
    path: Annotated[Path, typer.Argument(help="A case file (*.liverseg) or a folder of DICOM.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="MASK.nii.gz, or MASK.dcm for a SEG.")],
    click: Annotated[
        str | None, typer.Option(help="X,Y,Z in LPS mm: a point inside the lesion.")
    ] = None,
    line: Annotated[
        tuple[str, str] | None,
        typer.Option(help="X,Y,Z X,Y,Z: both ends of a diameter, on the border."),
    ] = None,
    scribble: Annotated[
        list[str] | None, typer.Option(help="X,Y,Z inside the lesion; repeat it.")
    ] = None,
    add: Annotated[
        list[str] | None,
        typer.Option(help="X,Y,Z that belongs to the lesion but was left out; may repeat."),
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option(help="X,Y,Z that does not belong to it; may repeat.")
    ] = None,
    phase: Annotated[
        str, typer.Option(help="The phase that was clicked on; default: the reference.")
    ] = "",
    exam: Annotated[str, typer.Option(help="Which exam of the case.")] = "",
    liver: Annotated[str | None, typer.Option(help="Liver mask, for a folder of DICOM.")] = None,
    segmenter: Annotated[str, typer.Option(help="Another installed segmenter.")] = StarRays.name,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the mask.")] = False,
) -> None:
    """Draw a lesion from one click, a diameter or a scribble.

    With a case all aligned phases of the exam are used together. A point for --add or
    --remove may hold several of one scribble: "X,Y,Z X,Y,Z". Corrections work in the order
    add, then remove.
    """
    require_ending(out)
    if out.exists() and not overwrite:
        raise InputError(f"{out} is there already", remedy="choose another name, or --overwrite")
    request = DelineateRequest(
        path=path,
        strokes=(*_start(click, line, scribble), *_corrections(add, remove)),
        phase=phase,
        exam=exam,
        liver=None if liver is None else parse_placed_path(liver),
        segmenter=segmenter,
        name=out.name.split(".")[0],
    )
    with progress_bar() as progress:
        drawn = delineate_path(request, progress=progress)
        write_mask(drawn, out)
    volume = int((drawn.mask.array != 0).sum()) * drawn.mask.grid.voxel_volume_mm3 / 1000.0
    screen = console()
    screen.print(f"{drawn.segmenter}: {volume:.2f} ml on {drawn.exam} {drawn.phases[0]}")
    screen.print(f"phases used: {', '.join(drawn.phases)}")
    for item in find_segmenters():
        if item.segmenter is None:
            screen.print(f"segmenter {item.name} ({item.package}) is broken: {item.reason}")
    screen.print(f"mask: {out}", soft_wrap=True)
    screen.print(NOTICE)


def _start(
    click: str | None, line: tuple[str, str] | None, scribble: list[str] | None
) -> list[Stroke]:
    strokes = []
    if click is not None:
        strokes.append(Stroke(StrokeKind.CLICK, read_points(click, "--click")))
    if line is not None:
        strokes.append(Stroke(StrokeKind.LINE, read_points(" ".join(line), "--line")))
    if scribble:
        strokes.append(Stroke(StrokeKind.SCRIBBLE, read_points(" ".join(scribble), "--scribble")))
    if len(strokes) != 1:
        raise InputError(
            f"{len(strokes)} starts were given", remedy="pass one of --click, --line, --scribble"
        )
    return strokes


def _corrections(add: list[str] | None, remove: list[str] | None) -> list[Stroke]:
    return [
        *(Stroke(StrokeKind.ADD, read_points(text, "--add")) for text in add or ()),
        *(Stroke(StrokeKind.REMOVE, read_points(text, "--remove")) for text in remove or ()),
    ]


def read_points(text: str, option: str) -> tuple[Point, ...]:
    """Read ``X,Y,Z`` or several of them with blanks between.

    >>> read_points("1,2,3 4,5,6.5", "--add")
    ((1.0, 2.0, 3.0), (4.0, 5.0, 6.5))
    """
    points: list[Point] = []
    for part in text.split():
        try:
            x, y, z = (float(number) for number in part.split(","))
        except ValueError:
            raise InputError(
                f"{option} {part} is not X,Y,Z", remedy="three numbers in LPS mm, no blanks"
            ) from None
        points.append((x, y, z))
    if not points:
        raise InputError(f"{option} is empty", remedy="three numbers in LPS mm: X,Y,Z")
    return tuple(points)
