"""The kinds of values by themselves, where no committed setting shows the difference."""

from typing import Annotated

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from settings.values import Items, Text, Whole, Word

DIGITS = Text(name="digits", allowed="digits", pattern="[0-9]+", number_advice="a number loses its zeros")
COUNT = Whole(name="count", allowed="0 to 10", minimum=0, maximum=10)


def _hint(kind: Text | Whole | Word, value: object) -> str:
    with pytest.raises(PydanticCustomError) as caught:
        kind.validate(value)
    return str((caught.value.context or {})["hint"])


@pytest.mark.parametrize("value", [True, False, 1.0, "1", None, -1, 11])
def test_a_whole_number_is_nothing_that_only_equals_one(value: object) -> None:
    """True equals 1 and 1.0 does."""
    _hint(COUNT, value)
    assert COUNT.validate(1) == 1


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (987, "a number loses its zeros"),
        (15.1, "a number loses its zeros"),
        (True, "YAML read true or false here, not text: quote it"),
        (None, "nothing stands here"),
        (["1"], "one text is meant here"),
        ("2026-01-01 00:00:00 +0000 UTC", "YAML read a date here, and Pulumi wrote it out anew: quote it"),
        ("2026-01-01 04:00:00.5 +0200 +0200", "YAML read a date here, and Pulumi wrote it out anew: quote it"),
        ("1\n", ""),
        ("١٢٣", ""),
    ],
)
def test_text_that_isnt_says_what_became_of_it(value: object, hint: str) -> None:
    """The end of a line and other scripts' digits aren't in the pattern, either."""
    assert _hint(DIGITS, value) == hint


def test_text_without_advice_of_its_own_says_how_pulumi_changes_numbers() -> None:
    assert "15.10 becomes 15.1" in _hint(Text(name="text", allowed="text"), 15.1)
    assert "15.10 becomes 15.1" in _hint(Word.of("word", "a"), 15.1)


def test_a_list_is_one_even_if_its_items_are_in_order() -> None:
    """A list becomes a tuple, and a text isn't taken for a list of letters."""
    adapter = TypeAdapter[tuple[str, ...]](
        Annotated[tuple[Annotated[str, DIGITS], ...], Items(name="list", allowed="two", minimum=2, maximum=2)]
    )
    assert adapter.validate_python(["1", "2"]) == ("1", "2")
    with pytest.raises(ValidationError):
        adapter.validate_python("12")
    with pytest.raises(ValidationError):
        adapter.validate_python({"1", "2"})
