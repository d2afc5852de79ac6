"""What the page of words says, as plain rows: words with P(true), and the profile by depth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from liverseg.lesions import short_words, why_no_short_words
from liverseg.records import DYNAMIC_PHASES, Deciding, Descriptor, Measurement, Said
from napari_liverseg.state import UNITS, words

#: Shells by depth in mm, as the library names their means.
_SHELL = re.compile(r"shell_([\d.]+)_([\d.]+)_mm_mean")
#: Words of this slot stand last: every lesion has one of each phase.
PLAIN = "intensity"
#: In which order words are listed.
ORDER = (Said.YES, Said.INDETERMINATE, Said.NO, Said.NOT_ASSESSABLE)
#: A sign before the word, so that no answer rests on colour alone.
SIGNS = {Said.YES: "✓", Said.INDETERMINATE: "?", Said.NO: "✕", Said.NOT_ASSESSABLE: "–"}
SAID_WORDS = {
    Said.YES: "said",
    Said.INDETERMINATE: "indeterminate",
    Said.NO: "not said",
    Said.NOT_ASSESSABLE: "not assessable",
}


@dataclass(frozen=True)
class WordRow:
    """One word: sign, slot and term, phase, P(true) (None where it is not assessable), why."""

    said: Said
    word: str
    phase: str
    share: float | None
    answer: str
    why: str


@dataclass(frozen=True)
class ProfileLine:
    """Means of shells in one phase: (from, to, mean), depths in mm below the surface."""

    phase: str
    shells: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True)
class Profile:
    """The profile of a lesion by depth, one line a phase in time order."""

    unit: str
    lines: tuple[ProfileLine, ...]
    refusal: str = ""


@dataclass(frozen=True)
class WordCell:
    """The words of a lesion in a cell of the table, what stands behind them; `known` if any."""

    text: str
    hint: str = ""
    known: bool = False


#: Nothing is drawn yet; words are on their way.
BLANK, MAKING = WordCell(""), WordCell("…", "words are being made")


def word_cell(found: Sequence[Descriptor]) -> WordCell:
    """The few words that the library chooses; a dash and the reason where it has none."""
    short = short_words(found)
    if not short:
        return no_words(why_no_short_words(found))
    hints = [f"{one.text.upper()}\n{why(one.word)}" for one in short]
    unbroken = (one.text.replace(" ", "\u00a0") for one in short)  # lines end between words
    return WordCell(", ".join(unbroken), "\n".join(hints), known=True)


def no_words(reason: str) -> WordCell:
    """A dash with the reason."""
    return WordCell("—", reason)


def word_rows(found: Sequence[Descriptor], *, all_words: bool) -> tuple[WordRow, ...]:
    """Words that are said, then those that are in between; with `all_words` also the others.

    Patterns and courses stand before the plain intensities.
    """
    listed = ORDER if all_words else ORDER[:2]
    return tuple(
        WordRow(
            said=word.said,
            word=f"{word.slot}: {word.term}" if word.slot == PLAIN else word.term,
            phase=words(word.phase or word.slot),
            share=word.probability,
            answer="" if word.probability is None else f"{word.probability:.2f}",
            why=why(word),
        )
        for said in listed
        for word in sorted(found, key=lambda one: one.slot == PLAIN)
        if word.said is said
    )


def profile_of(rows: Sequence[Measurement], *, refusal: str = "") -> Profile:
    """The shells by depth in mm, from surface to core, in each contrast phase."""
    unit, lines = "", []
    for phase in DYNAMIC_PHASES:
        shells = []
        for row in rows:
            if row.phase == phase and (depth := _SHELL.fullmatch(row.metric)):
                unit = unit or row.unit
                shells.append((float(depth[1]), float(depth[2]), float(row.value)))
        if shells:
            lines.append(ProfileLine(words(phase), tuple(sorted(shells))))
    return Profile(UNITS.get(unit, unit), tuple(lines), refusal)


def why(word: Descriptor) -> str:
    """Answer, the numbers that decided with their 95 % intervals, and the sources of limits."""
    share = "" if word.probability is None else f", P(true) {word.probability:.2f}"
    head = f"{word.slot}: {word.term} is {SAID_WORDS[word.said]}{share}"
    if not word.numbers:
        return f"{head}\n{word.reason}"
    return "\n".join([head, *(_number(one) for one in word.numbers)])


def _number(one: Deciding) -> str:
    unit = f" {one.unit}" if one.unit not in ("", "1") else ""
    digits = 1 if unit else 2
    value, low, high, limit = (
        f"{number:.{digits}f}" for number in (one.value, one.lower, one.upper, one.limit)
    )
    source = f" [{one.source}]" if one.source else ""
    return (
        f"• {one.name} {value}{unit} ({low} to {high}), wanted {one.wanted} {limit}{unit}{source}"
    )
