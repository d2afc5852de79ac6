"""Clean a description: keep the words of known tables, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache

from liverseg.phases import fold, tokens
from liverseg.tables import load_table

_LISTS = ("body", "plane", "position", "technique", "languages")
_MOST_DIGITS = 3


def clean_description(text: str, *, names: Collection[str] = ()) -> str:
    """The known words of a description in their order, in capitals; "" when there is none.

    Known are the words for phases and sequences, those of description_words.toml, and a
    short number before a unit. `names` are parts of names (folded) that go even where
    they are known words. Numbers by themselves go: they may be a date or an identifier.

    >>> clean_description("AX T1 LAVA art. Müller, Hans 12.03.1950 5 mm")
    'AX T1 LAVA ART 5 MM'
    >>> clean_description("Leber spät", names={"leber"})
    'SPAT'
    """
    found = tokens(text)
    units = set(load_table("description_words")["units"].value)
    kept = []
    for word, following in zip(found, (*found[1:], ""), strict=True):
        if word in names:
            continue
        if word.isdecimal():
            if len(word) <= _MOST_DIGITS and following in units and following not in names:
                kept.append(word)
        elif is_known(word):
            kept.append(word)
        else:
            kept.extend(term for term in _unspaced_terms() if term in word)
    return " ".join(kept).upper()


def is_known(word: str) -> bool:
    """Whether a folded word is in the tables or has the form of a length, a time or a kernel."""
    return word in _vocabulary() or any(form.fullmatch(word) for form in _patterns())


@cache
def _vocabulary() -> frozenset[str]:
    words = set(load_table("description_words")["units"].value) - {"s", "t"}
    for name in _LISTS:
        for word in load_table("description_words")[name].value:
            words.update(tokens(word))
    for table in ("phase_words", "sequence_words"):
        for row in load_table(table):
            for term in row.value:
                words.update(tokens(term))
    return frozenset(word for word in words if not word.isdecimal())


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(form) for form in load_table("description_words")["patterns"].value)


@cache
def _unspaced_terms() -> tuple[str, ...]:
    """Terms of languages that are written without spaces: found inside a longer run."""
    terms = {fold(term) for row in load_table("phase_words") for term in row.value}
    return tuple(sorted((one for one in terms if ord(one[0]) > 0x3000), key=len, reverse=True))
