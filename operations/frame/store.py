"""Records that commands keep: JSON in an SSM parameter that Pulumi doesn't own.

A standard parameter is free and holds 4,096 characters; AWS keeps its last 100 values.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from components.shared.environment import Environment
from operations.frame.aws import Aws
from operations.frame.errors import OperationError

# The limit of a standard parameter's value, in characters.
MAX_LENGTH = 4096


class Entry(BaseModel):
    """A record, or a part of one."""

    model_config = ConfigDict(frozen=True, extra="forbid")


R = TypeVar("R", bound=Entry)


class RecordStore(Generic[R]):
    """Reads and writes the record of one stack with this name; its model gives the record before the first write.

    `shorten` returns a record that is too long without its oldest part.
    """

    def __init__(
        self,
        aws: Aws,
        environment: Environment,
        name: str,
        *,
        model: type[R],
        shorten: Callable[[R], R] | None = None,
    ) -> None:
        self._ssm = aws.ssm
        self._model = model
        self._shorten = shorten
        self.purpose = name.partition("/")[0]
        self.name = f"/{environment.application}/{environment.stack}/{name}"

    def load(self) -> R:
        """Return the record; OperationError if it is invalid."""
        try:
            text = self._ssm.get_parameter(Name=self.name)["Parameter"].get("Value", "")
        except self._ssm.exceptions.ParameterNotFound:
            return self._model()
        try:
            return self._model.model_validate_json(text)
        except ValidationError as error:
            problem = f"{error.error_count()} errors, {error.errors()[0]['msg']}"
            raise OperationError(
                f"The {self.purpose} record {self.name} is invalid: {problem}",
                advice="Its earlier values:",
                command=f"aws ssm get-parameter-history --name {self.name}",
            ) from error

    def forget(self) -> None:
        """Write an empty record, if there is another one."""
        if self.load() != self._model():
            self.update(lambda _: self._model())

    def update(self, change: Callable[[R], R]) -> R:
        """Read the record, change it, write and return it: another command may have written since it was last read."""
        record = change(self.load())
        while len(text := record.model_dump_json(exclude_defaults=True)) > MAX_LENGTH:
            shorter = self._shorten(record) if self._shorten else record
            if shorter == record:
                raise OperationError(
                    f"The {self.purpose} record {self.name} is too long: {len(text)} of {MAX_LENGTH} characters"
                )
            record = shorter
        self._ssm.put_parameter(Name=self.name, Value=text, Type="String", Overwrite=True)
        return record
