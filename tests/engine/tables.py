"""Access in a stack as readable tables: security groups, IAM, the rules of the load balancer.

Generated ids are shown as type and logical name: `<Key keys-assets>`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

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

INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
ROLE = "aws:iam/role:Role"
INLINE = "aws:iam/rolePolicy:RolePolicy"
ATTACHED = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"

# The input with the resource policy, by type.
DOCUMENTS: Mapping[str, str] = {
    "aws:ec2/vpcEndpoint:VpcEndpoint": "policy",
    "aws:iam/policy:Policy": "policy",
    "aws:kms/key:Key": "policy",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
}
# Types with generated ids and ARNs; those of the others contain their names.
OPAQUE_IDS = (
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:kms/key:Key",
    "aws:secretsmanager/secret:Secret",
)


def resource_rows(resources: Sequence[Mapping[str, Value]]) -> list[ResourceRow]:
    """Return the AWS resources of an exported state, sorted by type and name."""
    rows = [
        (str(r["type"]), str(r["urn"]).rsplit("::", 1)[-1], as_object(r.get("inputs")), as_object(r.get("outputs")))
        for r in resources
        if str(r["type"]).startswith("aws:")
    ]
    return sorted(rows, key=lambda row: row[:2])


def access_table(resources: Sequence[ResourceRow]) -> str:
    """Return every security group rule and every IAM statement."""
    lines = ["Security groups", *_groups(resources), "", "Roles", *_roles(resources), "", "Resource policies"]
    text = "\n".join([*lines, *_documents(resources)]) + "\n"
    for id_, name in sorted(_readable_names(resources).items(), key=lambda pair: -len(pair[0])):
        text = text.replace(id_, name)
    return text


def _readable_names(resources: Sequence[ResourceRow]) -> dict[str, str]:
    names: dict[str, str] = {}
    for type_, name, _, outputs in resources:
        if type_ in OPAQUE_IDS:
            label = f"<{type_.rpartition(':')[2]} {name}>"
            names |= {str(outputs[key]): label for key in ("arn", "id", "prefixListId") if outputs.get(key)}
    return names


def _groups(resources: Sequence[ResourceRow]) -> Iterator[str]:
    for direction, type_, word in (("ingress", INGRESS, "from"), ("egress", EGRESS, "to")):
        for kind, _, inputs, _ in sorted(resources, key=lambda each: (str(each[2].get("securityGroupId")), each[1])):
            if kind == type_:
                peers = (inputs.get(key) for key in ("referencedSecurityGroupId", "cidrIpv4", "prefixListId"))
                peer = next(str(peer) for peer in peers if peer)
                ports = f"{inputs['ipProtocol']} {inputs['fromPort']}"
                ports += "" if inputs["fromPort"] == inputs["toPort"] else f"-{inputs['toPort']}"
                yield f"  {inputs['securityGroupId']} {direction}: {ports} {word} {peer}  ({inputs['description']})"


def _roles(resources: Sequence[ResourceRow]) -> Iterator[str]:
    for type_, name, inputs, outputs in resources:
        if type_ != ROLE:
            continue
        yield f"  {name if _has_generated_name(inputs) else inputs['name']}"
        yield "    trust policy"
        yield from _statements(inputs["assumeRolePolicy"], "      ")
        if "permissionsBoundary" in inputs:
            yield f"    permissions boundary {inputs['permissionsBoundary']}"
        for policy_type, _, policy, _ in resources:
            if policy.get("role") in (outputs["id"], outputs["name"]):
                if policy_type == ATTACHED:
                    yield f"    managed policy {policy['policyArn']}"
                elif policy_type == INLINE:
                    policy_name = "" if _has_generated_name(policy) else f" {policy['name']}"
                    yield f"    inline policy{policy_name}"
                    yield from _statements(policy["policy"], "      ")


def _has_generated_name(inputs: Object) -> bool:
    return "name" in cast("list[Value]", inputs.get("__defaults") or [])


def _documents(resources: Sequence[ResourceRow]) -> Iterator[str]:
    for type_, name, inputs, _ in resources:
        if type_ in DOCUMENTS:
            yield f"  {type_.rpartition(':')[2]} {name}"
            yield from _statements(inputs[DOCUMENTS[type_]], "    ")


def _statements(document: Value, indent: str) -> Iterator[str]:
    for statement in cast("list[Object]", as_object(json.loads(str(document)))["Statement"]):
        yield f"{indent}{str(statement['Effect']).lower()} {joined(statement['Action'])}"
        if "Principal" in statement:
            yield f"{indent}  to {_principals(statement['Principal'])}"
        if "Resource" in statement:
            yield from (f"{indent}  on {resource}" for resource in as_list(statement["Resource"]))
        for operator, conditions in as_object(statement.get("Condition")).items():
            for key, values in as_object(conditions).items():
                yield f"{indent}  if {key} {operator} {joined(values)}"


def _principals(principal: Value) -> str:
    if isinstance(principal, str):
        return "any principal" if principal == "*" else principal
    return ", ".join(str(name) for names in as_object(principal).values() for name in as_list(names))


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
