"""Scenes and strategies for tests, of this library and of extensions.

`strategies` needs hypothesis, which liverseg itself does not install; import it by name.
"""

from liverseg.testing.breathing import BreathingScene
from liverseg.testing.planted import planted_evidence, planted_words
from liverseg.testing.segmenters import check_segmenter
from liverseg.testing.strokes import dice, first_click, next_stroke

__all__ = [
    "BreathingScene",
    "check_segmenter",
    "dice",
    "first_click",
    "next_stroke",
    "planted_evidence",
    "planted_words",
]
