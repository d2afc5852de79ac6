from enum import StrEnum


class Variant(StrEnum):
    RECONCILED = "reconciled"
    TEXT = "text"
    FIGURES = "figures"


def make_digital_case(*a, **k): ...
def run_demo(*a, **k): ...
