"""Compare words of many languages: folded, in whole tokens, longer terms first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from liverseg.tables import Row, load_table

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_STAR = re.compile(r"\b([tr]2)\s*\*")
_SIGNED = re.compile(r"(?<![^\W_])(c\+|\+c|c-)(?![^\W_])")
_TOKEN = re.compile(r"c\+|\+c|c-(?=\W|_|$)|[^\W_]+")
_LETTERS_THEN_NUMBER = re.compile(r"([^\W\d_]{2,})(\d+\w*)")
# Han, hiragana and katakana are written without spaces, so they match inside a run.
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True)
class Hit:
    """A term found in a text, with the table row that lists it."""

    term: str
    row: Row


def fold(text: str) -> str:
    """NFKC, without case and accents.

    >>> fold("Portalvenöse PHASE")
    'portalvenose phase'
    """
    plain = unicodedata.normalize("NFKC", _CAMEL.sub(" ", text)).casefold()
    apart = unicodedata.normalize("NFD", plain)
    bare = "".join(sign for sign in apart if not unicodedata.combining(sign) or sign in "゙゚")
    return unicodedata.normalize("NFC", bare)


def tokens(text: str) -> tuple[str, ...]:
    """The words of a text, folded; a number glued to a word becomes a word of its own.

    >>> tokens("HBP20min_T2w C+")
    ('hbp', '20min', 't2w', 'c+')
    """
    folded = _STAR.sub(r"\1star ", fold(text))
    folded = _SIGNED.sub(r" \1 ", folded)
    found: list[str] = []
    for word in _TOKEN.findall(folded):
        split = _LETTERS_THEN_NUMBER.fullmatch(word)
        found.extend(split.groups() if split else (word,))
    return tuple(found)


def find_terms(text: str, table: str) -> tuple[Hit, ...]:
    """Terms of a vocabulary table in a text. A longer term hides the shorter ones inside it."""
    rest: list[str | None] = list(tokens(text))
    unspaced = fold(text) if _UNSPACED.search(text) else ""
    hits: list[Hit] = []
    for words, term, row in _terms(table):
        if _UNSPACED.search(term):
            if fold(term) in unspaced:
                unspaced = unspaced.replace(fold(term), " ")
                hits.append(Hit(term, row))
        elif _take(rest, words):
            hits.append(Hit(term, row))
    return tuple(hits)


def _take(rest: list[str | None], words: Sequence[str]) -> bool:
    """Take every occurrence of `words` out of `rest`; whether there was one."""
    found, size = False, len(words)
    for start in range(len(rest) - size + 1):
        if rest[start : start + size] == list(words):
            rest[start : start + size] = [None] * size
            found = True
    return found


@cache
def _terms(table: str) -> tuple[tuple[tuple[str, ...], str, Row], ...]:
    listed = [(tokens(term), term, row) for row in load_table(table) for term in row.value]
    return tuple(sorted((entry for entry in listed if entry[0]), key=_reading_order))


def _reading_order(entry: tuple[tuple[str, ...], str, Row]) -> tuple[bool, int, int]:
    """Neutral terms are taken out first, then longer ones before those inside them."""
    words, term, row = entry
    return row.more["strength"] != "neutral", -len(words), -len(term)
