"""The few words of a lesion that stand in one line, as a radiologist would say them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from liverseg.records import Descriptor, Said
from liverseg.tables import Row, load_table

TABLE = "short_words"


@dataclass(frozen=True)
class ShortWord:
    """A word that is said, as it stands in one line ("T2 high"), with all that is behind it."""

    text: str
    word: Descriptor


def short_words(words: Sequence[Descriptor]) -> tuple[ShortWord, ...]:
    """Which words of a lesion stand in one line, in order; none where none of them is said.

    `words` are all of one lesion, see `describe_lesion`. Choice, order and shortening: table
    `short_words`, which has a reason for each row. A word that another one makes needless
    (T2 high beside T2 as fluid) is left out, and no more are taken than row `most` says.
    """
    said = [(row, word) for row, word in _listed(words) if word.said is Said.YES]
    taken: list[tuple[Row, Descriptor]] = []
    for row, word in said:
        if not (row.more.get("alone") and taken):
            taken.append((row, word))
    needless = {name for row, _ in taken for name in row.more.get("instead_of", ())}
    most = int(load_table(TABLE).number("most"))
    kept = [(row, word) for row, word in taken if row.name not in needless]
    return tuple(ShortWord(str(row.value), word) for row, word in kept[:most])


def why_no_short_words(words: Sequence[Descriptor]) -> str:
    """In one line why `short_words` says nothing: what is in between, what cannot be judged."""
    listed = [(row, word) for row, word in _listed(words) if not row.more.get("alone")]
    between = [
        f"{row.value} {word.probability:.2f}"
        for row, word in listed
        if word.said is Said.INDETERMINATE and word.probability is not None
    ]
    unknown = dict.fromkeys(word.reason for _, word in listed if word.said is Said.NOT_ASSESSABLE)
    parts = [f"in between: {', '.join(between)}"] if between else []
    parts += [f"not assessable: {'; '.join(unknown)}"] if unknown else []
    return "; ".join(["no word is said", *parts])


def _listed(words: Sequence[Descriptor]) -> list[tuple[Row, Descriptor]]:
    """The words that the table lists, in its order."""
    rows = [row for row in load_table(TABLE) if "slot" in row.more]
    return [
        (row, word)
        for row in rows
        for word in words
        if (word.slot, word.term) == (row.more["slot"], row.more["term"])
        and word.phase == row.more.get("phase", word.phase)
    ]
