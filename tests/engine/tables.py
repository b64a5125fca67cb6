"""What a plan opens and allows, as tables that a person can read: security groups, IAM, the load balancer.

Ids that say nothing stand as what they belong to: `<Key keys-assets>`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from sandbox.values import Value
from tests.engine.tables_web_acl import web_acl
from tests.engine.wording import Made, Object, as_list, as_object, number, only, opened, words

INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
ROLE = "aws:iam/role:Role"
INLINE = "aws:iam/rolePolicy:RolePolicy"
ATTACHED = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"

# Resources with a policy of their own: the input that holds it, and what the reader knows it by.
DOCUMENTS: Mapping[str, str] = {
    "aws:ec2/vpcEndpoint:VpcEndpoint": "policy",
    "aws:kms/key:Key": "policy",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
}
# Whose ids and ARNs say nothing; all others are names.
UNTELLING = (
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:kms/key:Key",
    "aws:secretsmanager/secret:Secret",
)


def made(resources: Sequence[Mapping[str, Value]]) -> list[Made]:
    """Give an exported state's resources, in the order of type and name."""
    found = [
        (str(r["type"]), str(r["urn"]).rsplit("::", 1)[-1], as_object(r.get("inputs")), as_object(r.get("outputs")))
        for r in resources
        if str(r["type"]).startswith("aws:")
    ]
    return sorted(found, key=lambda each: each[:2])


def access(resources: Sequence[Made]) -> str:
    """Give every rule of a security group and every statement of IAM."""
    lines = ["Security groups", *_groups(resources), "", "Roles", *_roles(resources), "", "Policies of resources"]
    text = "\n".join([*lines, *_documents(resources)]) + "\n"
    for unclear, clear in sorted(_telling(resources).items(), key=lambda pair: -len(pair[0])):
        text = text.replace(unclear, clear)
    return text


def _telling(resources: Sequence[Made]) -> dict[str, str]:
    names: dict[str, str] = {}
    for type_, name, _, outputs in resources:
        if type_ in UNTELLING:
            shown = f"<{type_.rpartition(':')[2]} {name}>"
            names |= {str(outputs[key]): shown for key in ("arn", "id", "prefixListId") if outputs.get(key)}
    return names


def _groups(resources: Sequence[Made]) -> Iterator[str]:
    for direction, type_, word in (("in", INGRESS, "from"), ("out", EGRESS, "to")):
        for kind, _, inputs, _ in sorted(resources, key=lambda each: (str(each[2].get("securityGroupId")), each[1])):
            if kind == type_:
                peers = (inputs.get(key) for key in ("referencedSecurityGroupId", "cidrIpv4", "prefixListId"))
                peer = next(str(peer) for peer in peers if peer)
                ports = f"{inputs['ipProtocol']} {inputs['fromPort']}"
                ports += "" if inputs["fromPort"] == inputs["toPort"] else f"-{inputs['toPort']}"
                yield f"  {inputs['securityGroupId']} {direction}: {ports} {word} {peer}  ({inputs['description']})"


def _roles(resources: Sequence[Made]) -> Iterator[str]:
    for type_, name, inputs, outputs in resources:
        if type_ != ROLE:
            continue
        generated = "name" in cast("list[Value]", inputs.get("__defaults") or [])
        yield f"  {name if generated else inputs['name']}"
        yield "    is taken by"
        yield from _statements(inputs["assumeRolePolicy"], "      ")
        for other, _, given, _ in resources:
            if given.get("role") in (outputs["id"], outputs["name"]):
                if other == ATTACHED:
                    yield f"    has {given['policyArn']}"
                elif other == INLINE:
                    own = "name" in cast("list[Value]", given.get("__defaults") or [])
                    yield f"    has {'a policy of its own' if own else given['name']}"
                    yield from _statements(given["policy"], "      ")


def _documents(resources: Sequence[Made]) -> Iterator[str]:
    for type_, name, inputs, _ in resources:
        if type_ in DOCUMENTS:
            yield f"  {type_.rpartition(':')[2]} {name}"
            yield from _statements(inputs[DOCUMENTS[type_]], "    ")


def _statements(document: Value, indent: str) -> Iterator[str]:
    for statement in cast("list[Object]", as_object(json.loads(str(document)))["Statement"]):
        yield f"{indent}{str(statement['Effect']).lower()} {words(statement['Action'])}"
        if "Principal" in statement:
            yield f"{indent}  to {_principals(statement['Principal'])}"
        if "Resource" in statement:
            yield from (f"{indent}  on {resource}" for resource in as_list(statement["Resource"]))
        for operator, conditions in as_object(statement.get("Condition")).items():
            for key, values in as_object(conditions).items():
                yield f"{indent}  if {key} {operator} {words(values)}"


def _principals(principal: Value) -> str:
    if isinstance(principal, str):
        return "anybody" if principal == "*" else principal
    return ", ".join(str(name) for names in as_object(principal).values() for name in as_list(names))


def origin(resources: Sequence[Made], secrets: Mapping[str, str]) -> str:
    """Give the load balancer's rules and those of its web ACL, each in the order in which they are asked.

    `secrets` says what is to be shown for a secret value.
    """
    resources = [(type_, name, as_object(opened(dict(inputs), secrets)), out) for type_, name, inputs, out in resources]
    lines = ["Load balancer, in this order:"]
    rules = [inputs for type_, _, inputs, _ in resources if type_ == "aws:lb/listenerRule:ListenerRule"]
    for rule in sorted(rules, key=lambda rule: float(str(rule["priority"]))):
        condition, action = (only(rule[key]) for key in ("conditions", "actions"))
        lines.append(f"  {number(rule['priority']):>4}  {_condition(condition):<60}  {_action(action)}")
    (listener,) = (inputs for type_, _, inputs, _ in resources if type_ == "aws:lb/listener:Listener")
    lines.append(f"     -  {'anything else':<60}  {_action(only(listener['defaultActions']))}")
    return "\n".join([*lines, "", *web_acl(resources, "REGIONAL")]) + "\n"


def _condition(condition: Object) -> str:
    if "pathPattern" in condition:
        return f"path is {words(as_object(condition['pathPattern'])['values'])}"
    header = as_object(condition["httpHeader"])
    return f"header {header['httpHeaderName']} is {' or '.join(map(str, as_list(header['values'])))}"


def _action(action: Object) -> str:
    if action["type"] == "forward":
        return "forward to the tasks"
    response = as_object(action["fixedResponse"])
    return f"answer {response['statusCode']} ({response['messageBody']})"
