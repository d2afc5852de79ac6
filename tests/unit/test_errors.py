"""Errors: one line for people, and they survive a process border."""

import pickle

import pytest

from liverseg import errors

KINDS = [
    errors.LiversegError,
    errors.InputError,
    errors.GeometryError,
    errors.MeasurementError,
    errors.EmptyLabelError,
    errors.CaseError,
    errors.InteropError,
    errors.ExtensionError,
    errors.CancelledError,
]


@pytest.mark.parametrize("kind", KINDS)
def test_says_what_where_and_what_to_try_after_pickling(kind):
    error = pickle.loads(pickle.dumps(kind("mask is empty", where="L2", remedy="draw it")))
    assert type(error) is kind
    assert str(error) == "mask is empty | where: L2 | try: draw it"
    assert (error.what, error.where, error.remedy) == ("mask is empty", "L2", "draw it")


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_is_caught_by_the_root(kind):
    with pytest.raises(errors.LiversegError):
        raise kind("x")


def test_parts_not_given_leave_no_trace():
    assert str(errors.InputError("bad file")) == "bad file"
    assert str(errors.InputError("bad file", remedy="look")) == "bad file | try: look"


def test_geometry_error_is_a_value_error_and_empty_label_a_measurement_error():
    assert issubclass(errors.GeometryError, ValueError)
    assert issubclass(errors.EmptyLabelError, errors.MeasurementError)
