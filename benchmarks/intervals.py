"""Do 95 % intervals hold what was planted? Over at least 1,000 lesion measurements.

    make intervals

Masks come from simulated readers with fixed seeds, drawn from the exact surface. Prints how
often an interval holds the planted long axis, volume, rim mean and core mean, and ends with 1
when one of them does so in less than 92 or more than 98 % of cases.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np

from liverseg.testing.interval_scores import BAR, JudgedInterval, coverage_of, judge_intervals
from liverseg.testing.variants import scene_variants

NAMES = ("long axis", "volume", "rim mean", "core mean")
LEAST_MM = 10.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--variants", type=int, default=125)
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    variants = [
        replace(one, diameter_mm=max(one.diameter_mm, LEAST_MM))
        for one in scene_variants(options.variants, seed=options.seed)
    ]
    judge = partial(judge_intervals, readers=options.readers)
    with ProcessPoolExecutor(options.jobs) as pool:
        judged = [one for found in pool.map(judge, variants, chunksize=5) for one in found]
    count = options.variants * options.readers
    print(f"{count} lesion measurements: {len(variants)} scenes x {options.readers} readers")
    print(f"{'':12} {'':28} intervals  hold  mean z  sd z  half width")
    missed = []
    for name in NAMES:
        own = [one for one in judged if one.name == name]
        print_line(name, "all", own)
        for low, high in ((0, 15), (15, 30), (30, 99)):
            part = [one for one in own if low <= one.variant.diameter_mm < high]
            print_line("", f"{low} to {high} mm", part)
        if name.endswith("mean"):
            for phase in dict.fromkeys(one.phase for one in own):
                print_line("", phase, [one for one in own if one.phase == phase])
            for entity in dict.fromkeys(one.variant.entity for one in own):
                print_line("", entity[:28], [one for one in own if one.variant.entity == entity])
        if not BAR[0] <= coverage_of(own) <= BAR[1]:
            missed.append(name)
    if missed:
        print(f"outside {BAR[0]} to {BAR[1]}: {', '.join(missed)}")
    return 1 if missed else 0


def print_line(name: str, which: str, judged: Sequence[JudgedInterval]) -> None:
    if not judged:
        return
    z = np.array([one.z for one in judged])
    half = float(np.median([one.half for one in judged]))
    print(
        f"{name:12} {which:28} {len(judged):9d} {coverage_of(judged):6.3f} {z.mean():6.2f} "
        f"{z.std():6.2f} {half:10.3g}"
    )


if __name__ == "__main__":
    sys.exit(main())
