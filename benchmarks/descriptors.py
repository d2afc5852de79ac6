"""Words of 200 phantom variants against what was planted in them.

    make descriptors

Truth: the rules of the descriptors applied to the planted levels. A variant is another
entity, size (8 to 60 mm), spacing, noise and breath. Prints sensitivity and specificity of
every word and the calibration of P(true), draws docs/pictures/calibration.png, and ends
with 1 when a barred word misses its bar.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

from liverseg.testing.variants import scene_variants
from liverseg.testing.word_scores import (
    BAR,
    BARRED,
    LEAST_MM,
    JudgedWord,
    barred,
    calibration,
    judge_variant,
    score_word,
)

PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "calibration.png"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--variants", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--misses", action="store_true", help="list every barred word missed")
    options = parser.parse_args()
    variants = list(scene_variants(options.variants, seed=options.seed))
    with ProcessPoolExecutor(options.jobs) as pool:
        judged = [one for found in pool.map(judge_variant, variants, chunksize=5) for one in found]
    large = sum(one.diameter_mm > LEAST_MM for one in variants)
    print(f"{len(variants)} variants, {large} of them above {LEAST_MM:g} mm, true masks")
    missed = [term for term in BARRED if not print_word(judged, term)]
    if options.misses:
        print_misses(judged)
    print("\nother words, above the same size")
    for term in dict.fromkeys(one.term for one in judged if one.term not in BARRED):
        print_word(judged, term)
    rows = calibration(judged)
    print("\nP(true) said   planted   words")
    for said, planted, count in rows:
        print(f"{said:12.3f} {planted:9.3f} {count:7d}")
    draw(rows, calibration([one for one in judged if one.term in BARRED]))
    if missed:
        print(f"\nbelow the bar of {BAR}: {', '.join(missed)}")
    return 1 if missed else 0


def print_word(judged: list[JudgedWord], term: str) -> bool:
    """A line of the table; whether both shares reach the bar."""
    own = barred(judged, term)
    yes, no = (score_word(own, planted=planted) for planted in (True, False))
    print(
        f"{term:24} sensitivity {yes.share:6.3f} ({yes.right}/{yes.count}, {yes.indeterminate} "
        f"in between, {yes.excused} of them within 1 se)   specificity {no.share:6.3f} "
        f"({no.right}/{no.count}, {no.indeterminate}, {no.excused})"
    )
    return all(not one.share < BAR for one in (yes, no))


def print_misses(judged: list[JudgedWord]) -> None:
    for term in BARRED:
        for one in barred(judged, term):
            if (one.probability < 0.75) if one.planted else (one.probability > 0.25):
                v = one.variant
                print(
                    f"  {term}: planted {one.planted}, P {one.probability:.2f}, margin "
                    f"{one.margin:.1f} se; {v.entity}, {v.modality}, {v.diameter_mm:.0f} mm, "
                    f"{v.spacing_mm[0]:.1f} x {v.spacing_mm[1]:.1f} mm, noise {v.noise_sd:.0f}"
                )


def draw(rows: list[tuple[float, float, int]], own: list[tuple[float, float, int]]) -> None:
    figure, axes = plt.subplots(figsize=(5.2, 4.6), layout="constrained")
    axes.plot([0, 1], [0, 1], color="0.6", linewidth=1, label="perfect")
    for found, label, marker in ((rows, "all words", "o"), (own, "the five barred words", "s")):
        said, planted, _ = zip(*found, strict=True)
        axes.plot(said, planted, marker=marker, label=label)
        if found is rows:
            for x, y, count in found:
                axes.annotate(str(count), (x, y), textcoords="offset points", xytext=(6, -10))
    axes.set(xlabel="P(true) said", ylabel="share that was planted", title="Calibration of P(true)")
    axes.legend()
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(PICTURE, dpi=110)
    print(f"\n{PICTURE}")


if __name__ == "__main__":
    sys.exit(main())
