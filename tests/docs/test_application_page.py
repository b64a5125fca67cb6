"""docs/application.md has the variables that the task definition sets, and no others."""

import json
import re
from collections.abc import Mapping
from typing import cast

from sandbox.__main__ import PROJECT
from tests.components.recorded import record_resources
from tests.settings.support import as_data, changed

PAGE = (PROJECT / "docs" / "application.md").read_text(encoding="utf-8")
TABLE = re.compile(r"<!-- variables: .*?-->\n(.*?)<!-- end -->", re.DOTALL)
ROW = re.compile(r"^\| `(\w+)` \| (.+?) \|", re.MULTILINE)


def _container() -> Mapping[str, list[Mapping[str, str]]]:
    resources = record_resources(changed(as_data("production"), {}), stack="production")
    (definition,) = [
        inputs
        for (type_, _), inputs in resources.items()
        if type_ == "aws:ecs/taskDefinition:TaskDefinition" and inputs["family"] == "taskflow-api-production-template"
    ]
    (container,) = json.loads(cast("str", definition["containerDefinitions"]))
    return container


def test_the_page_has_every_variable_with_its_fixed_value() -> None:
    table = TABLE.search(PAGE)
    assert table
    rows = dict(ROW.findall(table[1]))
    container = _container()
    plain = {each["name"]: each["value"] for each in container["environment"]}
    secrets = {each["name"] for each in container["secrets"]}
    assert set(rows) == set(plain) | secrets
    assert {name for name, value in rows.items() if value == "secret"} == secrets
    fixed = {name: value.strip("`") for name, value in rows.items() if value.startswith("`")}
    assert fixed == {name: plain[name] for name in fixed}
    assert {"PORT", "NODE_ENV", "AWS_REGION", "DATABASE_PORT", "REDIS_PORT", "S3_BUCKET"} <= set(fixed)
