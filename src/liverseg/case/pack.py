"""Records to JSON text and back, driven by their type hints.

A field that a record gains later is written without a change here, and read from older
files as its default. Floats keep every bit (JSON of ``repr``); tuples come back as
tuples, also inside free mappings such as ``Claim.expects``.
"""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Collection, Mapping
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import numpy as np

from liverseg.errors import CaseError

T = TypeVar("T")
_TUPLE = "$tuple"


def to_text(value: object, *, skip: Collection[str] = ()) -> str:
    """JSON text of a record, or of a tuple of records; `skip` leaves fields of a record out."""
    packed = _fields(value, skip) if skip else pack(value)
    return json.dumps(packed, ensure_ascii=False, separators=(",", ":"))


def from_text(kind: type[T], text: str, **given: object) -> T:
    """The record of this type from its text; `given` supplies the fields that were skipped."""
    return cast(T, unpack(kind, json.loads(text), **given))


def pack(value: object) -> Any:
    """Plain JSON value of a record, enum, number, text, tuple or mapping."""
    if isinstance(value, (Enum, np.generic)):
        return value.value if isinstance(value, Enum) else value.item()
    if dataclasses.is_dataclass(value):
        return _fields(value, ())
    if isinstance(value, (tuple, list)):
        return [pack(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): _pack_free(item) for name, item in value.items()}
    return value


def unpack(kind: Any, data: Any, **given: object) -> Any:
    """Value of type `kind` from `pack`'s result. Raises `CaseError` when it does not fit."""
    if dataclasses.is_dataclass(kind):
        return _record(cast(type, kind), data, given)
    if get_origin(kind) is not None:
        return _generic(get_origin(kind), get_args(kind), data)
    if kind is object:
        return _unpack_free(data)
    if issubclass(kind, Enum):
        return kind(data)
    return float(data) if kind is float else data


def _generic(origin: Any, args: tuple[Any, ...], data: Any) -> Any:
    """Optional, tuple and mapping types: all that records are made of."""
    if origin in (Union, types.UnionType):
        some = next(arm for arm in args if arm is not types.NoneType)
        return None if data is None else unpack(some, data)
    if issubclass(origin, Mapping):
        return {name: unpack(args[1], item) for name, item in data.items()}
    kinds = [args[0]] * len(data) if args[-1] is Ellipsis else args
    return tuple(unpack(arm, item) for arm, item in zip(kinds, data, strict=True))


def _fields(value: object, skip: Collection[str]) -> dict[str, Any]:
    names = [part.name for part in dataclasses.fields(cast(Any, value)) if part.name not in skip]
    return {name: pack(getattr(value, name)) for name in names}


def _record(kind: type, data: Mapping[str, Any], given: Mapping[str, object]) -> Any:
    hints = _hints(kind)
    try:
        parts = {
            name: unpack(hints[name], item)
            for name, item in data.items()
            if name in hints and name not in given
        }
        return kind(**parts, **given)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise CaseError(
            f"a stored {kind.__name__} is not what this version of liverseg writes ({error})",
            remedy="restore the case file from a copy, or run `liverseg run` again",
        ) from error


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _pack_free(value: object) -> Any:
    """Inside a free mapping the hints say nothing, so tuples are marked."""
    if isinstance(value, tuple):
        return {_TUPLE: [_pack_free(item) for item in value]}
    if isinstance(value, list):
        return [_pack_free(item) for item in value]
    return pack(value)


def _unpack_free(data: Any) -> Any:
    if isinstance(data, list):
        return [_unpack_free(item) for item in data]
    if isinstance(data, dict):
        if data.keys() == {_TUPLE}:
            return tuple(_unpack_free(item) for item in data[_TUPLE])
        return {name: _unpack_free(item) for name, item in data.items()}
    return data
