"""liverseg: annotate liver imaging, measure lesions, compare with what a report says.

For research and teaching, not for diagnosis.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("liverseg")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0.0.0"

NOTICE = "For research and teaching, not for diagnosis."
