"""Curves over the phases of one exam."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH, HEIGHT = 520, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 14, 34, 40
#: About so many steps on the value axis.
_STEPS = 5
#: Values that differ by less than this part of them are one value: rounding made them differ.
_SAME = 1e-6
_MARKS = {
    "circle": Markup('<circle cx="{:.1f}" cy="{:.1f}" r="4"/>'),
    "square": Markup('<path d="M{:.1f} {:.1f}m-4 -4h8v8h-8z"/>'),
    "triangle": Markup('<path d="M{:.1f} {:.1f}m0 -5l5 9h-10z"/>'),
    "diamond": Markup('<path d="M{:.1f} {:.1f}m0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z"/>'),
}


@dataclass(frozen=True)
class Curve:
    """One line: a value a phase, None where there is none; `style` sets its colour.

    `mark` is "circle", "square", "triangle" or "diamond", so that colour is not needed.
    """

    name: str
    values: tuple[float | None, ...]
    style: str
    mark: str


def draw_curves(phases: Sequence[str], curves: Sequence[Curve], *, unit: str, title: str) -> Markup:
    """Chart of values by phase, phases evenly spaced in their order (not to time).

    A missing value breaks the line. Curves without any value are left out; with none left
    the answer is empty.
    """
    curves = [curve for curve in curves if any(v is not None for v in curve.values)]
    if not curves:
        return Markup("")
    known = [v for curve in curves for v in curve.values if v is not None]
    ticks = nice_ticks(min(known), max(known))
    axis = _Axis(len(phases), ticks[0], ticks[-1])
    parts = Markup("").join(
        [
            _value_axis(axis, ticks, unit),
            _phase_axis(axis, phases),
            *(_curve(axis, curve) for curve in curves),
            _legend(curves),
        ]
    )
    return Markup(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(WIDTH, HEIGHT, title, parts)


def nice_ticks(low: float, high: float, *, steps: int = _STEPS) -> list[float]:
    """Round values (1, 2 or 5 times a power of ten apart) that hold low and high.

    `steps` is about how many steps there are between them, never more than two above.

    >>> nice_ticks(42.0, 128.0)
    [40.0, 60.0, 80.0, 100.0, 120.0, 140.0]
    """
    size = max(abs(low), abs(high))
    room = high - low if high - low > _SAME * size else size or 1.0
    raw = room / steps
    power = 10.0 ** math.floor(math.log10(raw))
    step = power * next(factor for factor in (1, 2, 5, 10) if factor * power >= raw * 0.999)
    first, last = math.floor(low / step), math.ceil(high / step)
    if first == last:
        last += 1
    return [float(f"{n * step:.12g}") for n in range(first, last + 1)]


@dataclass(frozen=True)
class _Axis:
    phases: int
    low: float
    high: float

    def x(self, n: int) -> float:
        width = WIDTH - _LEFT - _RIGHT
        return _LEFT + width * (n + 0.5) / self.phases

    def y(self, value: float) -> float:
        height = HEIGHT - _TOP - _BOTTOM
        return _TOP + height * (self.high - value) / (self.high - self.low)


def _value_axis(axis: _Axis, ticks: Sequence[float], unit: str) -> Markup:
    tag = Markup(
        '<path class="grid" d="M{} {:.1f}H{}"/><text x="{}" y="{:.1f}" text-anchor="end">{}</text>'
    )
    lines = [
        tag.format(_LEFT, axis.y(t), WIDTH - _RIGHT, _LEFT - 6, axis.y(t) + 4, _tick_text(t))
        for t in ticks
    ]
    name = Markup('<text class="unit" x="{}" y="{}" text-anchor="end">{}</text>')
    return Markup("").join([*lines, name.format(_LEFT - 6, _TOP - 12, unit)])


def _tick_text(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def _phase_axis(axis: _Axis, phases: Sequence[str]) -> Markup:
    tag = Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>')
    texts = []
    for n, phase in enumerate(phases):
        # Two short lines stand beside their neighbours where one long line would not.
        first, _, rest = phase.partition(" ")
        for row, word in enumerate(filter(None, (first, rest))):
            texts.append(tag.format(axis.x(n), HEIGHT - _BOTTOM + 17 + 13 * row, word))
    return Markup("").join(texts)


def _curve(axis: _Axis, curve: Curve) -> Markup:
    steps, joined = [], False
    marks = []
    for n, value in enumerate(curve.values):
        if value is None:
            joined = False
            continue
        x, y = axis.x(n), axis.y(value)
        steps.append(f"{'L' if joined else 'M'}{x:.1f} {y:.1f}")
        marks.append(_MARKS[curve.mark].format(x, y))
        joined = True
    return Markup('<g class="{}"><path class="line" d="{}"/>{}</g>').format(
        curve.style, "".join(steps), Markup("").join(marks)
    )


def _legend(curves: Sequence[Curve]) -> Markup:
    tag = Markup('<g class="{}">{}</g><text x="{}" y="{}">{}</text>')
    x, parts = _LEFT + 8, []
    for curve in curves:
        parts.append(
            tag.format(curve.style, _MARKS[curve.mark].format(x, 13), x + 10, 17, curve.name)
        )
        x += 26 + 7 * len(curve.name)
    return Markup("").join(parts)
