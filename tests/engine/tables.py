"""The rules of the load balancer as a readable table, and the resources of a state as rows."""

from collections.abc import Mapping, Sequence

from sandbox.values import Value
from tests.engine.tables_web_acl import web_acl_lines
from tests.engine.wording import (
    Object,
    ResourceRow,
    as_list,
    as_object,
    format_number,
    joined,
    reveal_secrets,
    single_object,
)


def resource_rows(resources: Sequence[Mapping[str, Value]]) -> list[ResourceRow]:
    """Return the AWS resources of an exported state, sorted by type and name."""
    rows = [
        (str(r["type"]), str(r["urn"]).rsplit("::", 1)[-1], as_object(r.get("inputs")), as_object(r.get("outputs")))
        for r in resources
        if str(r["type"]).startswith("aws:")
    ]
    return sorted(rows, key=lambda row: row[:2])


def origin_table(resources: Sequence[ResourceRow], secrets: Mapping[str, str]) -> str:
    """Return the rules of the load balancer and of its web ACL by priority; `secrets` are labels for secret values."""
    resources = [
        (type_, name, as_object(reveal_secrets(dict(inputs), secrets)), out) for type_, name, inputs, out in resources
    ]
    lines = ["Listener rules, by priority:"]
    rules = [inputs for type_, _, inputs, _ in resources if type_ == "aws:lb/listenerRule:ListenerRule"]
    for rule in sorted(rules, key=lambda rule: float(str(rule["priority"]))):
        condition, action = (single_object(rule[key]) for key in ("conditions", "actions"))
        lines.append(f"  {format_number(rule['priority']):>4}  {_condition(condition):<60}  {_action(action)}")
    (listener,) = (inputs for type_, _, inputs, _ in resources if type_ == "aws:lb/listener:Listener")
    lines.append(f"     -  {'default':<60}  {_action(single_object(listener['defaultActions']))}")
    return "\n".join([*lines, "", *web_acl_lines(resources, "REGIONAL")]) + "\n"


def _condition(condition: Object) -> str:
    if "pathPattern" in condition:
        return f"path is {joined(as_object(condition['pathPattern'])['values'])}"
    header = as_object(condition["httpHeader"])
    return f"header {header['httpHeaderName']} is {' or '.join(map(str, as_list(header['values'])))}"


def _action(action: Object) -> str:
    if action["type"] == "forward":
        return "forward to the tasks"
    response = as_object(action["fixedResponse"])
    return f"answer {response['statusCode']} ({response['messageBody']})"
