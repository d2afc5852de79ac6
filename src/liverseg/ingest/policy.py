"""`GeometryPolicy`: what is done with slices that make no regular volume."""

from __future__ import annotations

from dataclasses import dataclass, replace

from liverseg.errors import InputError

REFUSE = "refuse"
#: What each fault may be answered with, the default first.
CHOICES = {
    "on_tilt": (REFUSE, "shear"),
    "on_gap": (REFUSE, "resample"),
    "on_uneven": (REFUSE, "resample"),
}


@dataclass(frozen=True)
class GeometryPolicy:
    """The answer to each fault of a stack of slices; all are refused unless asked otherwise.

    `on_tilt`: "shear" moves every slice of a tilted gantry in its plane until the stack
    is upright. `on_gap`: "resample" interpolates missing slices between their
    neighbours. `on_uneven`: "resample" interpolates slices of uneven spacing to an even
    one. Whatever is done is written to the ledger and travels as a `Doubt`. Two images
    at one position, crooked orientations and slices shifted at random are always
    refused; slices of another size or orientation always become volumes of their own.
    """

    on_tilt: str = REFUSE
    on_gap: str = REFUSE
    on_uneven: str = REFUSE

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                raise InputError(
                    f'"{getattr(self, name)}" is no answer to {name}',
                    where=option_of(name),
                    remedy="choose " + " or ".join(allowed),
                )

    def step_by_step(self) -> tuple[GeometryPolicy, ...]:
        """The policy from its least change to all that it allows.

        Shearing keeps every slice; filling a gap keeps the slices that are there; an even
        spacing keeps none. So a series of two tilted slabs is sheared as two, not mixed.
        """
        tilt = GeometryPolicy(on_tilt=self.on_tilt)
        steps = (tilt, replace(tilt, on_gap=self.on_gap), self)
        return tuple(dict.fromkeys(step for step in steps if not step.refuses_all))

    @property
    def refuses_all(self) -> bool:
        """Whether nothing is changed on request."""
        return self == GeometryPolicy()

    def answer(self, kind: str) -> str:
        """What to do about a fault of this kind ("tilt", "gap", "uneven", ...)."""
        return str(getattr(self, f"on_{kind}", REFUSE))


def option_of(name: str) -> str:
    """How the command line spells a field of the policy.

    >>> option_of("on_tilt")
    '--on-tilt'
    """
    return "--" + name.replace("_", "-")


def offer(kind: str) -> str:
    """Half a sentence that names the option which would change a fault, "" if none would.

    >>> offer("tilt")
    '; on request: --on-tilt shear'
    """
    allowed = CHOICES.get(f"on_{kind}")
    return "" if allowed is None else f"; on request: {option_of(f'on_{kind}')} {allowed[1]}"
