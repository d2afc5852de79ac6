"""From a click to a mask: Dice by pattern, size and number of corrections, and CPU seconds.

    python benchmarks/delineate.py [--sizes 10 20 40 60] [--modalities CT MR] [--clicks 1]

Phantom lesions of all patterns (`liverseg.teach.pattern_scene`: all phases, noise, a breath
of 3 mm between them) and, where LIVERSEG_TEST_DATA is, both lesions of ircad17 with and
without the liver mask. A simulated reader (`liverseg.testing`) clicks on the deepest point,
then scribbles through the largest error, twice. Further clicks lie at random in the deeper
half of the lesion.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import ndimage

from liverseg.geometry import LabelMap, place_labels
from liverseg.ingest import read_volume, scan_folder
from liverseg.interop import read_masks
from liverseg.lesions import delineate
from liverseg.records import PhaseImage, Stroke, StrokeKind
from liverseg.teach import pattern_entities, pattern_scene
from liverseg.testing import dice, first_click, next_stroke
from liverseg.workflow import exam_images

CORRECTIONS = 2
SPACING = {"CT": (1.5, 0.8, 0.8), "MR": (3.0, 1.2, 1.2)}
NOISE = {"CT": 15.0, "MR": 4.0}
BREATH_MM = 3.0


def session(
    images: Sequence[PhaseImage], liver: LabelMap | None, truth: LabelMap, click: Stroke
) -> tuple[list[float], float]:
    """Dice after the click and after each correction, and the slowest CPU seconds."""
    strokes, scores, slowest = [click], [], 0.0
    for _ in range(CORRECTIONS + 1):
        start = time.process_time()
        drawn = delineate(images, strokes, liver=liver)
        slowest = max(slowest, time.process_time() - start)
        scores.append(dice(drawn, truth))
        stroke = next_stroke(truth, drawn)
        if stroke is None:
            break
        strokes.append(stroke)
    return scores + [scores[-1]] * (CORRECTIONS + 1 - len(scores)), slowest


def clicks(truth: LabelMap, count: int) -> list[Stroke]:
    """The deepest point, then random ones in the deeper half of the lesion."""
    rng = np.random.default_rng(0)
    part = truth.cropped(margin=1)
    depth = ndimage.distance_transform_edt(part.mask(), sampling=part.grid.spacing_mm)
    deep = part.grid.to_lps_mm(np.argwhere(depth >= depth.max() / 2))
    more = [
        Stroke(StrokeKind.CLICK, (tuple(map(float, deep[k])),))
        for k in rng.integers(len(deep), size=count - 1)
    ]
    return [first_click(truth), *more]


def row(name: str, runs: list[tuple[list[float], float]]) -> str:
    means = np.mean([scores for scores, _ in runs], axis=0)
    best = float(np.mean([max(scores) for scores, _ in runs]))
    worst = min(max(scores) for scores, _ in runs)
    numbers = " | ".join(f"{value:.3f}" for value in (*means, best, worst))
    return f"| {name} | {numbers} | {max(cpu for _, cpu in runs):.2f} |"


def head(name: str) -> str:
    after = " | ".join(f"{k} corrections" for k in range(1, CORRECTIONS + 1))
    line = f"| {name} | click | {after} | best | worst of best | CPU s, slowest |"
    return f"{line}\n|{'---|' * (CORRECTIONS + 5)}".replace("1 corrections", "1 correction")


def phantoms(sizes: Sequence[float], modalities: Sequence[str], count: int) -> None:
    runs: dict[tuple[str, str, float], list[tuple[list[float], float]]] = {}
    for modality in modalities:
        for size in sizes:
            for entity in pattern_entities():
                scene = pattern_scene(
                    entity,
                    modality=modality,
                    diameter_mm=size,
                    spacing_mm=SPACING[modality],
                    noise_sd=NOISE[modality],
                    breath_mm=BREATH_MM,
                )
                images, _ = exam_images(scene.exam, scene.exam.reference)
                runs[entity, modality, size] = [
                    session(images, scene.exam.liver, scene.truth, click)
                    for click in clicks(scene.truth, count)
                ]
    print(head("pattern"))
    for entity in pattern_entities():
        print(
            row(entity, [run for key, found in runs.items() if key[0] == entity for run in found])
        )
    print("\n" + head("size"))
    for modality in modalities:
        for size in sizes:
            found = [
                run for key, all_ in runs.items() if key[1:] == (modality, size) for run in all_
            ]
            print(row(f"{modality} {size:g} mm", found))
    print(row("**all**", [run for found in runs.values() for run in found]), flush=True)


def real(folder: Path, count: int) -> None:
    series = scan_folder((folder / "PATIENT_DICOM",)).series[0]
    images = [PhaseImage(read_volume(series))]
    masks = {
        name: place_labels(
            read_masks(folder / "MASKS_DICOM" / name)[0].labels, series.grid, where=name
        )
        for name in ("liver", "livertumor1", "livertumor2")
    }
    print("\n" + head("ircad17"))
    for name in ("livertumor1", "livertumor2"):
        for liver, words in ((masks["liver"], "with liver mask"), (None, "without")):
            truth = masks[name]
            found = [session(images, liver, truth, click) for click in clicks(truth, count)]
            print(row(f"{name}, {words}", found), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=float, nargs="*", default=[10.0, 20.0, 40.0, 60.0])
    parser.add_argument("--modalities", nargs="*", default=["CT", "MR"])
    parser.add_argument("--clicks", type=int, default=1)
    options = parser.parse_args()
    if options.sizes:
        phantoms(options.sizes, options.modalities, options.clicks)
    here = Path(__file__).resolve().parents[1]
    data = Path(os.environ.get("LIVERSEG_TEST_DATA", here / ".." / "shared" / "data"))
    if (data / "ircad17").is_dir():
        real(data / "ircad17", options.clicks)


if __name__ == "__main__":
    main()
