"""Runs in a Python that has pyradiomics: python peer_pyradiomics.py FOLDER crop|whole.

Reads scene.npz, prints CPU ms and values as JSON. "crop": shape class once, first-order
class for each phase. "whole": the extractor as people call it, shape and first order of one
phase.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path

import numpy as np
import SimpleITK as sitk  # noqa: N813
from radiomics import featureextractor, firstorder, shape

logging.getLogger("radiomics").setLevel(logging.ERROR)
BIN_HU = 25.0


def image(array: np.ndarray, spacing: np.ndarray) -> sitk.Image:
    made = sitk.GetImageFromArray(array)
    made.SetSpacing(spacing.tolist())
    return made


def values(features: object) -> dict[str, float]:
    return {name: float(value) for name, value in features.items()}


def on_crop(mask: sitk.Image, phases: list[sitk.Image]) -> dict[str, object]:
    start = time.process_time()
    found = shape.RadiomicsShape(phases[0], mask)
    found.enableAllFeatures()
    shapes = found.execute()
    orders = []
    for phase in phases:
        own = firstorder.RadiomicsFirstOrder(phase, mask, binWidth=BIN_HU)
        own.enableAllFeatures()
        orders.append(own.execute())
    spent = 1000.0 * (time.process_time() - start)
    return {"ms": spent, "shape": values(shapes), "first_order": [values(o) for o in orders]}


def as_called(mask: sitk.Image, phase: sitk.Image) -> dict[str, object]:
    extractor = featureextractor.RadiomicsFeatureExtractor(binWidth=BIN_HU)
    extractor.disableAllFeatures()
    extractor.enableFeatureClassByName("shape")
    extractor.enableFeatureClassByName("firstorder")
    start = time.process_time()
    extractor.execute(phase, mask)
    return {"ms": 1000.0 * (time.process_time() - start)}


def main() -> None:
    folder, way = Path(sys.argv[1]), sys.argv[2]
    scene = np.load(folder / "scene.npz")
    mask = image(scene["mask"], scene["spacing"])
    phases = [image(phase, scene["spacing"]) for phase in scene["phases"]]
    result = on_crop(mask, phases) if way == "crop" else as_called(mask, phases[0])
    print(json.dumps(result))


if __name__ == "__main__":
    main()
