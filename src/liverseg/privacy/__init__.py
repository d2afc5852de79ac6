"""Privacy: DICOM without the patient, by the confidentiality profile of PS3.15 annex E."""

from liverseg.privacy.files import Cleaned, Refused, deidentify_stream
from liverseg.privacy.keys import KEY_VARIABLE, KeyRing, load_key, random_key
from liverseg.privacy.options import Dates, Options

__all__ = [
    "KEY_VARIABLE",
    "Cleaned",
    "Dates",
    "KeyRing",
    "Options",
    "Refused",
    "deidentify_stream",
    "load_key",
    "random_key",
]
