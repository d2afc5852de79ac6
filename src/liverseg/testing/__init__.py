"""Scenes and strategies for tests, of this library and of extensions.

`strategies` needs hypothesis, which liverseg itself does not install; import it by name.
"""

from liverseg.testing.breathing import BreathingScene
from liverseg.testing.planted import planted_evidence, planted_words

__all__ = [
    "BreathingScene",
    "planted_evidence",
    "planted_words",
]
