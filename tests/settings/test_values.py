"""Types of values in a model made for the test, where no committed setting shows the difference."""

from typing import Annotated, Literal, TypeAlias

import pytest
from pydantic import Field, StringConstraints, ValidationError

from settings.base import Block
from settings.shape import ValueType
from settings.validation import Finding, validate
from settings.values import Allowed, Items, NotNull, Unit, exactly

Digits: TypeAlias = Annotated[
    str, StringConstraints(pattern="^[0-9]+$"), Allowed("digits", number_advice="a number loses its zeros")
]


class Model(Block):
    """One field of each type, all optional."""

    digits: Digits = "0"
    text: Annotated[str, Allowed("text")] = ""
    word: Literal["a", "b"] = "a"
    count: Annotated[int, Field(ge=0, le=10), Unit("things", "there are ten")] = 0
    choice: Annotated[Literal[1, 5], exactly(int), Unit("seconds")] = 1
    only: Annotated[Literal[True], exactly(bool)] = True
    absent: Annotated[Digits | None, NotNull()] = None
    pair: Annotated[tuple[Digits, ...], Items(minimum=2, maximum=2), Allowed("two")] = ("1", "2")


def _finding(name: str, value: object) -> Finding:
    (finding,) = validate(Model, {name: value}, path=str)[1]
    return finding


@pytest.mark.parametrize("name", ["count", "choice"])
@pytest.mark.parametrize("value", [True, 1.0, "1", None, -1, 11])
def test_an_integer_is_no_equal_value_of_another_type(name: str, value: object) -> None:
    """True and 1.0 equal 1."""
    assert _finding(name, value).location == (name,)
    assert getattr(Model.model_validate({name: 1}), name) == 1


def test_a_fixed_boolean_is_no_number() -> None:
    assert _finding("only", 1).allowed == "true"


def test_null_is_not_a_value_of_an_optional_setting() -> None:
    assert _finding("absent", None).hint == "the value is missing"
    assert Model.model_validate({}).absent is None


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("digits", "digits"),
        ("word", "one of a, b"),
        ("count", "0 to 10 things: there are ten"),
        ("choice", "1 or 5 seconds"),
        ("absent", "digits"),
        ("pair", "two"),
    ],
)
def test_the_words_come_from_the_annotation(name: str, allowed: str) -> None:
    assert ValueType.of_field(Model.model_fields[name]).allowed == allowed


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (987, "a number loses its zeros"),
        (15.1, "a number loses its zeros"),
        (True, "YAML reads this as true or false: quote it"),
        (None, "the value is missing"),
        (["1"], "write one string, not a list or block"),
        ("2026-01-01 00:00:00 +0000 UTC", "YAML read a date here, and Pulumi rewrote it: quote it"),
        ("2026-01-01 04:00:00.5 +0200 +0200", "YAML read a date here, and Pulumi rewrote it: quote it"),
        ("1\n", ""),
        ("١٢٣", ""),
    ],
)
def test_a_hint_names_the_probable_mistake(value: object, hint: str) -> None:
    """A newline and the digits of other scripts don't match the pattern."""
    assert _finding("digits", value).hint == hint


@pytest.mark.parametrize("name", ["text", "word"])
def test_the_general_hint_for_a_number_is_how_pulumi_rewrites_it(name: str) -> None:
    assert "15.10 to 15.1" in _finding(name, 15.1).hint


def test_a_list_becomes_a_tuple_and_no_other_type_does() -> None:
    assert Model.model_validate({"pair": ["1", "2"]}).pair == ("1", "2")
    for value in ("12", {"1", "2"}):
        with pytest.raises(ValidationError):
            Model.model_validate({"pair": value})


def test_a_wrong_length_and_invalid_items_are_both_found() -> None:
    """Pydantic's own constraints report one of them."""
    findings = validate(Model, {"pair": ["x", "1", "y"]}, path=str)[1]
    assert [finding.location for finding in findings] == [("pair",), ("pair", 0), ("pair", 2)]
