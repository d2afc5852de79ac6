"""Read a page back: its elements, texts, links and pictures."""

from __future__ import annotations

import base64
import io
from html.parser import HTMLParser

import numpy as np
from PIL import Image

VOID = {"meta", "br", "input", "image", "rect", "path", "line", "circle"}


class Page(HTMLParser):
    """Elements in order as (name, attributes); raises when they do not close properly."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == [], self._open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self._open and self._open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        """All words as a reader sees them."""
        return " ".join(" ".join(self.words).split()).replace(" ,", ",")

    def attributes(self, name: str) -> list[str]:
        """Every value of an attribute."""
        return [attrs[name] for _, attrs in self.elements if name in attrs]


def table_rows(page: str, caption: str) -> list[list[str]]:
    """Cells of the table whose caption starts so; each cell as its plain words."""
    start = page.index(f"<caption>{caption}")
    body = page[start : page.index("</table>", start)]
    lines = [line for line in body.split("<tr")[1:] if "<td" in line]
    return [[_cell(part) for part in _cells(line)] for line in lines]


def _cells(line: str) -> list[str]:
    inner = line.split(">", 1)[1].split("</tr>", maxsplit=1)[0]
    return [cell for cell in inner.replace("</th>", "</td>").split("</td>") if "<t" in cell]


def _cell(part: str) -> str:
    return Page(f"<p>{part[part.index('>', part.index('<t')) + 1 :]}</p>").text


def picture_of(uri: str) -> np.ndarray:
    """The pixels of a data URI as (row, column, RGBA)."""
    kind, data = uri.split(",", 1)
    assert kind == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA"))
