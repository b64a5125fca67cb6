"""Parameter Store's standard parameters: names, limits and hierarchies."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.operations.fake.wire import ServiceError

NAME = re.compile(r"(/[a-zA-Z0-9_.-]+){1,15}")
NESTED = re.compile(r"\{\{.*\}\}", re.DOTALL)
PAGE = 10


@dataclass(kw_only=True)
class Parameters:
    """Values by name, in the order in which they were written."""

    values: dict[str, str] = field(default_factory=dict[str, str])

    def put(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        name, value = request["Name"], request["Value"]
        if not NAME.fullmatch(name):
            raise ServiceError("ValidationException", f"Parameter name: {name}")
        if len(value.encode()) > 4096:
            raise ServiceError("ValidationException", "Standard tier parameters support a maximum of 4096 characters")
        if NESTED.search(value):
            raise ServiceError("ValidationException", "Parameter value: can't nest another parameter")
        if name in self.values and not request.get("Overwrite", False):
            raise ServiceError("ParameterAlreadyExists", "The parameter already exists.")
        self.values[name] = value
        return {"Version": 1, "Tier": "Standard"}

    def by_path(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a page of the parameters directly below a path; a page may be empty and have a next one."""
        start = int(request.get("NextToken", "0"))
        below = [name for name in self.values if name.rpartition("/")[0] == request["Path"].rstrip("/")]
        page = [{"Name": name, "Value": self.values[name], "Type": "String"} for name in below[start : start + PAGE]]
        is_last = start + PAGE >= len(below)
        return {"Parameters": page, **({} if is_last else {"NextToken": str(start + PAGE)})}
