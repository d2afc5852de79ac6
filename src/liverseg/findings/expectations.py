"""What a claim expects, typed: one model a rule. `rule` tells them apart."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator
from pydantic_core import PydanticCustomError

Positive = Annotated[float, Field(gt=0)]

#: Which lesions a claim is about: each of them, at least one that is not named, or
#: those in the segments of the finding.
Lesions = Literal["all", "any", "at_sites"]


class Strict(BaseModel):
    """No unknown field, no silent change of type, no change after reading."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class CountTest(Strict):
    """Number of separate lesions."""

    rule: Literal["count"]
    at_least: Annotated[int, Field(ge=0)] | None = None
    at_most: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _has_a_limit(self) -> CountTest:
        low, high = self.at_least, self.at_most
        if low is None and high is None:
            raise PydanticCustomError("no_limit", "a count needs at_least, at_most or both")
        if low is not None and high is not None and low > high:
            raise PydanticCustomError("limits_swapped", "at_least is above at_most")
        return self


class SiteSetTest(Strict):
    """All segments that hold lesions, together, are the segments of the finding."""

    rule: Literal["site_set"]


class SiteTest(Strict):
    """One lesion lies in the segments of the finding."""

    rule: Literal["site"]


class WholeEnhancementTest(Strict):
    """The core enhances too, not only the rim."""

    rule: Literal["whole_enhancement"]
    lesions: Lesions


class ProlongedTest(Strict):
    """Enhancement lasts into the delayed phase."""

    rule: Literal["prolonged"]
    lesions: Lesions


class RingTest(Strict):
    """The rim enhances more than the core, almost all round."""

    rule: Literal["ring"]
    lesions: Lesions


class LongAxisTest(Strict):
    """Longest diameter in an acquired slice, in mm.

    `agrees_within_mm` and `borderline_within_mm` replace the general tolerance.
    """

    rule: Literal["long_axis"]
    lesions: Lesions
    mm: Positive
    agrees_within_mm: Positive | None = None
    borderline_within_mm: Positive | None = None

    @model_validator(mode="after")
    def _limits_go_together(self) -> LongAxisTest:
        near, far = self.agrees_within_mm, self.borderline_within_mm
        if (near is None) != (far is None):
            raise PydanticCustomError(
                "one_limit", "agrees_within_mm and borderline_within_mm go together"
            )
        if near is not None and far is not None and near > far:
            raise PydanticCustomError(
                "limits_swapped", "agrees_within_mm is above borderline_within_mm"
            )
        return self


class ExtentsTest(Strict):
    """Three extents in mm, in any order, as measured on a specimen."""

    rule: Literal["extents"]
    mm: Annotated[tuple[Positive, ...], Field(min_length=3, max_length=3)]


class ShapeTest(Strict):
    """Shape in a word."""

    rule: Literal["shape"]
    lesions: Lesions
    shape: Literal["irregular"]


class IntensityTest(Strict):
    """Signal or attenuation against liver in the phase of the finding."""

    rule: Literal["intensity"]
    lesions: Lesions
    level: Literal["low", "same", "high"]


class NoUptakeTest(Strict):
    """No hepatocyte uptake in rim and core."""

    rule: Literal["no_uptake"]
    lesions: Lesions


class VesselTest(Strict):
    """Main portal and hepatic veins, in every exam of the time named."""

    rule: Literal["vessel"]
    invaded: bool


Part = Annotated[
    CountTest
    | SiteSetTest
    | SiteTest
    | WholeEnhancementTest
    | ProlongedTest
    | RingTest
    | LongAxisTest
    | ExtentsTest
    | ShapeTest
    | IntensityTest
    | NoUptakeTest,
    Field(discriminator="rule"),
]


class AllOfTest(Strict):
    """Several tests that must all hold."""

    rule: Literal["all_of"]
    parts: Annotated[tuple[Part, ...], Field(min_length=2)]


Test = Annotated[
    CountTest
    | SiteSetTest
    | SiteTest
    | WholeEnhancementTest
    | ProlongedTest
    | RingTest
    | LongAxisTest
    | ExtentsTest
    | ShapeTest
    | IntensityTest
    | NoUptakeTest
    | VesselTest
    | AllOfTest,
    Field(discriminator="rule"),
]

ANY_TEST: TypeAdapter[Any] = TypeAdapter(Test)

#: Model of each rule by its name.
MODELS: dict[str, type[Strict]] = {
    "count": CountTest,
    "site_set": SiteSetTest,
    "site": SiteTest,
    "whole_enhancement": WholeEnhancementTest,
    "prolonged": ProlongedTest,
    "ring": RingTest,
    "long_axis": LongAxisTest,
    "extents": ExtentsTest,
    "shape": ShapeTest,
    "intensity": IntensityTest,
    "no_uptake": NoUptakeTest,
    "vessel": VesselTest,
    "all_of": AllOfTest,
}

#: Rules that ask for the phase in which something was seen.
NEEDS_PHASE = ("whole_enhancement", "ring", "intensity")


def single_tests(test: Strict) -> tuple[Strict, ...]:
    """A test's parts, or the test itself."""
    return test.parts if isinstance(test, AllOfTest) else (test,)


def needs_sites(test: Strict) -> bool:
    """Whether a test cannot be done without the segments of the finding."""
    return isinstance(test, SiteSetTest | SiteTest) or getattr(test, "lesions", "") == "at_sites"
