"""Lengths that a reader measured by hand, as rows beside the measured ones."""

from __future__ import annotations

import numpy as np

from liverseg.records import Lesion, Measurement


def measure_calipers(lesion: Lesion) -> tuple[Measurement, ...]:
    """A row for each caliper of a lesion: the distance of its ends in mm.

    Metrics are ``long_axis_by_hand``, ``short_axis_by_hand`` and ``length_by_hand``. They
    say what a reader measured, not what the mask measures: they stay when it is redrawn,
    and no verdict rests on them.
    """
    return tuple(
        Measurement(
            f"{caliper.axis}_by_hand",
            float(np.linalg.norm(np.subtract(*caliper.ends_lps_mm))),
            "mm",
            "a reader's caliper, between the two points set by hand",
            slice=caliper.slice,
            endpoints_lps_mm=caliper.ends_lps_mm,
        )
        for caliper in lesion.calipers
    )
