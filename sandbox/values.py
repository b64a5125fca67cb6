"""Property values as the engine sends them: plain JSON, and Pulumi's marker for an unknown value."""

from typing import Final, TypeAlias

Value: TypeAlias = "bool | float | int | str | list[Value] | dict[str, Value] | None"

UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
