"""MR sequences that have no contrast phase (T2, diffusion, ADC), and images of no stored kind."""

from __future__ import annotations

from dataclasses import dataclass

from liverseg.phases.text import Hit, find_terms
from liverseg.records import Phase, PhaseCall, SeriesRecord
from liverseg.tables import Row, load_table

#: An ADC map is computed from diffusion images, whose words it often repeats.
_PRECEDENCE = (Phase.ADC, Phase.DWI, Phase.T2)


@dataclass(frozen=True)
class _Sign:
    name: str
    meaning: str
    says: str
    evidence: str
    strong: bool


def sequence_in_text(text: str) -> Phase | None:
    """T2, DWI or ADC when the words of a description name it, else None."""
    named = {sign.name for sign in _spoken("description", text) if sign.strong}
    return next((phase for phase in _PRECEDENCE if phase.value in named), None)


def call_sequence(record: SeriesRecord) -> PhaseCall | None:
    """What an MR series is if it is no dynamic T1 image; None when it may be one."""
    if record.modality != "MR":
        return None
    by_attribute = _from_image_type(record) + _from_b_value(record)
    by_words = _spoken("description", record.description)
    if not by_words and not by_attribute:
        by_words = _spoken("protocol", record.facts.protocol)
    signs = by_attribute + by_words
    for name in (Phase.ADC.value, "other"):
        sign = next((sign for sign in signs if sign.name == name), None)
        if sign is not None:
            return _call(sign)
    return _weigh(signs, record)


def _weigh(signs: list[_Sign], record: SeriesRecord) -> PhaseCall | None:
    """Diffusion, T2 or neither, by words that the echo time must not contradict."""
    by_name = {s.name: s for s in sorted(signs, key=lambda s: s.strong)}
    if Phase.DWI.value in by_name:
        return _call(by_name[Phase.DWI.value])
    echo = record.facts.echo_time_ms
    long_echo = echo is not None and echo >= load_table("phase_hints").number("t2_echo_time")
    t2 = by_name.get(Phase.T2.value)
    if t2 is not None and (t2.strong or "t1" not in by_name):
        return _weigh_t2(t2, is_t1="t1" in by_name, echo_ms=echo, long_echo=long_echo)
    if not long_echo:
        return None
    how = "called T1, but" if "t1" in by_name else "only"
    return _unsure(f"{how} its echo time of {echo:g} ms speaks for T2")


def _weigh_t2(t2: _Sign, *, is_t1: bool, echo_ms: float | None, long_echo: bool) -> PhaseCall:
    if is_t1:
        return _unsure(f"{t2.says}, but it also says T1")
    if (
        t2.strong
        and echo_ms is not None
        and echo_ms < load_table("phase_hints").number("t1_echo_time")
    ):
        return _unsure(f"{t2.says}, but its echo time is {echo_ms:g} ms")
    if t2.strong or long_echo:
        return _call(t2, f" and the echo time is {echo_ms:g} ms" if long_echo else "")
    return _unsure(f"{t2.says}, which alone does not prove T2")


def _call(sign: _Sign, more: str = "") -> PhaseCall:
    if sign.name == "other":
        return _unsure(f"{sign.says}: {sign.meaning}, which is no contrast phase")
    return PhaseCall(Phase(sign.name), f"{sign.says}: {sign.meaning}{more}", sign.evidence)


def _unsure(reason: str) -> PhaseCall:
    return PhaseCall(Phase.UNDETERMINED, reason, "none")


def _spoken(source: str, text: str) -> list[_Sign]:
    return [
        _sign(hit, f'{source} says "{hit.term}"')
        for hit in find_terms(text, "sequence_words")
        if hit.row.more["strength"] != "neutral"
    ]


def _sign(hit: Hit, says: str) -> _Sign:
    more = hit.row.more
    strong = more["strength"] == "strong"
    return _Sign(str(more["sequence"]), str(more["meaning"]), says, "description", strong)


def _from_image_type(record: SeriesRecord) -> list[_Sign]:
    parts = {part.upper() for part in record.facts.image_type}
    found = []
    for row in load_table("phase_hints"):
        shared = sorted(parts & set(_image_types(row)))
        if shared:
            name = str(row.more["sequence"])
            meaning = f"a {shared[0]} image" if name == "other" else _meaning(name)
            found.append(_Sign(name, meaning, f"ImageType holds {shared[0]}", "attribute", True))
    return found


def _image_types(row: Row) -> list[str]:
    return list(row.value) if row.more["kind"] == "image_type" else []


def _meaning(name: str) -> str:
    return str(load_table("sequence_words")[name].more["meaning"])


def _from_b_value(record: SeriesRecord) -> list[_Sign]:
    b_value = record.facts.b_value_s_mm2
    if not b_value or b_value <= 0:
        return []
    says = f"DiffusionBValue is {b_value:g} s/mm2"
    return [_Sign(Phase.DWI.value, _meaning("dwi"), says, "attribute", True)]
