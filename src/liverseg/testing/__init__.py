"""Scenes and strategies for tests, of this library and of extensions.

`strategies` needs hypothesis, which liverseg itself does not install; import it by name.
"""

from liverseg.testing.breathing import BreathingScene

__all__ = ["BreathingScene"]
