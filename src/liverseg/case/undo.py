"""What can be taken back and what can be done again: read from the event log, kept nowhere.

A *step* is an event that changed the work. Taking a step back is itself an event that says
what it took back; so is doing it again. Reading the log from its start therefore gives both
stacks, in any program, after any restart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from liverseg.case.events import Change, Event, taken_back

#: How `liverseg run` names the event that stores the report it was given.
FIRST_FINDINGS = "compare"


@dataclass(frozen=True)
class Step:
    """A change of the work by its name ("edit lesion R7"), and who made it when.

    `event` is the event to take back: the step's own, or, for a step to do again, the event
    that took it back. `changes` are those of `event`: what is there now is their `after`,
    what would be there is their `before`.
    """

    event: int
    name: str
    who: str
    when: str
    changes: tuple[Change, ...]

    @property
    def exam_ids(self) -> tuple[str, ...]:
        """Exams that the step changed, without repetition."""
        return tuple(dict.fromkeys(one.exam_id for one in self.changes if one.exam_id))

    @property
    def lesions(self) -> tuple[tuple[str, str], ...]:
        """(exam, name) of the lesions that the step changed."""
        found = ((one.exam_id, one.name) for one in self.changes if one.kind == "lesion")
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Steps:
    """Steps to undo and to redo, the next one first in each."""

    undo: tuple[Step, ...] = ()
    redo: tuple[Step, ...] = ()


def find_steps(events: Iterable[Event], changes: Sequence[Change]) -> Steps:
    """Both stacks from the whole log (oldest first).

    An event that brings a new exam is no step, nor is the report that came with the run:
    they are what the work begins with. A new step leaves nothing to do again.
    """
    own: dict[int, list[Change]] = {}
    for change in changes:
        own.setdefault(change.event, []).append(change)
    undo: list[Step] = []
    redo: list[Step] = []
    for event in events:
        if event.number not in own:
            continue
        done = tuple(own[event.number])
        back = taken_back(event)
        if undo and back == undo[-1].event:
            redo.append(_renewed(undo.pop(), event, done))
        elif redo and back == redo[-1].event:
            undo.append(_renewed(redo.pop(), event, done))
        else:
            redo.clear()
            if not _is_beginning(event, done):
                undo.append(Step(event.number, event.action, event.who, event.when, done))
    return Steps(tuple(reversed(undo)), tuple(reversed(redo)))


def _renewed(step: Step, event: Event, changes: tuple[Change, ...]) -> Step:
    """The same step after it was undone or redone by `event`; its name stays."""
    return replace(step, event=event.number, changes=changes)


def _is_beginning(event: Event, changes: tuple[Change, ...]) -> bool:
    if any(change.kind == "exam" and change.before is None for change in changes):
        return True
    return event.action == FIRST_FINDINGS and all(change.before is None for change in changes)
