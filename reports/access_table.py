"""Access in a stack as a readable table: security groups, roles, and the policies of resources.

Generated ids are shown as type and logical name: `<Key keys-assets>`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias, cast

from reports.states import Recorded, State

INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
ROLE = "aws:iam/role:Role"
INLINE = "aws:iam/rolePolicy:RolePolicy"
ATTACHED = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
# The input with the resource policy, by type.
DOCUMENTS: Mapping[str, str] = {
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "policyDocument",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "policy",
    "aws:iam/policy:Policy": "policy",
    "aws:kms/key:Key": "policy",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
}
# Types with generated ids and ARNs; those of the others contain their names.
_OPAQUE_IDS = (
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:kms/key:Key",
    "aws:secretsmanager/secret:Secret",
)
Object: TypeAlias = Mapping[str, object]


def access_table(state: State) -> str:
    """Return every security group rule and every IAM statement."""
    resources = aws_resources(state)
    lines = ["Security groups", *_groups(resources), "", "Roles", *_roles(resources), "", "Resource policies"]
    return with_names(resources, "\n".join([*lines, *_documents(resources)]) + "\n")


def aws_resources(state: State) -> Sequence[Recorded]:
    """Return the AWS resources of a state, sorted by type and name."""
    return sorted((r for r in state.resources if r.type.startswith("aws:")), key=lambda r: (r.type, r.name))


def with_names(resources: Sequence[Recorded], text: str) -> str:
    """Return a text with readable names in place of generated ids."""
    for id_, name in sorted(_readable_names(resources).items(), key=lambda pair: -len(pair[0])):
        text = text.replace(id_, name)
    return text


def policies_of(role: Recorded, resources: Sequence[Recorded]) -> Iterator[Recorded]:
    """Return the attachments and inline policies of a role."""
    names = (role.outputs.get("id"), role.outputs.get("name"))
    yield from (each for each in resources if each.type in (ATTACHED, INLINE) and each.inputs.get("role") in names)


def statements_of(document: object) -> Sequence[Object]:
    """Return the statements of a policy document; of one that can't be read, such as a secret, what there is."""
    try:
        return cast("Sequence[Object]", json.loads(str(document))["Statement"])
    except ValueError:
        return [{"Effect": "Unreadable:", "Action": str(document)}]


def name_of(role: Recorded) -> str:
    """Return a role's name, or its logical name if Pulumi generates the name."""
    return role.name if _has_generated_name(role) else str(role.inputs["name"])


def _readable_names(resources: Sequence[Recorded]) -> Mapping[str, str]:
    names: dict[str, str] = {}
    for each in resources:
        if each.type in _OPAQUE_IDS:
            label = f"<{each.type.rpartition(':')[2]} {each.name}>"
            names |= {str(each.outputs[key]): label for key in ("arn", "id", "prefixListId") if each.outputs.get(key)}
    return names


def _groups(resources: Sequence[Recorded]) -> Iterator[str]:
    ordered = sorted(resources, key=lambda each: (str(each.inputs.get("securityGroupId")), each.name))
    for direction, type_, word in (("ingress", INGRESS, "from"), ("egress", EGRESS, "to")):
        for rule in ordered:
            if rule.type == type_:
                inputs = rule.inputs
                peers = (inputs.get(key) for key in ("referencedSecurityGroupId", "cidrIpv4", "prefixListId"))
                peer = next(str(peer) for peer in peers if peer)
                ports = f"{inputs['ipProtocol']} {inputs['fromPort']}"
                ports += "" if inputs["fromPort"] == inputs["toPort"] else f"-{inputs['toPort']}"
                yield f"  {inputs['securityGroupId']} {direction}: {ports} {word} {peer}  ({inputs['description']})"


def _roles(resources: Sequence[Recorded]) -> Iterator[str]:
    for role in resources:
        if role.type != ROLE:
            continue
        yield f"  {name_of(role)}"
        yield "    trust policy"
        yield from _statements(role.inputs["assumeRolePolicy"], "      ")
        if "permissionsBoundary" in role.inputs:
            yield f"    permissions boundary {role.inputs['permissionsBoundary']}"
        for policy in policies_of(role, resources):
            if policy.type == ATTACHED:
                yield f"    managed policy {policy.inputs['policyArn']}"
            else:
                name = "" if _has_generated_name(policy) else f" {policy.inputs['name']}"
                yield f"    inline policy{name}"
                yield from _statements(policy.inputs["policy"], "      ")


def _has_generated_name(resource: Recorded) -> bool:
    return "name" in cast("Sequence[str]", resource.inputs.get("__defaults") or ())


def _documents(resources: Sequence[Recorded]) -> Iterator[str]:
    for each in resources:
        if each.type in DOCUMENTS:
            yield f"  {each.type.rpartition(':')[2]} {each.name}"
            yield from _statements(each.inputs[DOCUMENTS[each.type]], "    ")


def _statements(document: object, indent: str) -> Iterator[str]:
    for statement in statements_of(document):
        yield f"{indent}{str(statement['Effect']).lower()} {joined(statement['Action'])}"
        if "Principal" in statement:
            yield f"{indent}  to {principals(statement['Principal'])}"
        if "Resource" in statement:
            yield from (f"{indent}  on {resource}" for resource in as_list(statement["Resource"]))
        if "NotResource" in statement:
            yield from (f"{indent}  on all but {resource}" for resource in as_list(statement["NotResource"]))
        for operator, conditions in cast("Mapping[str, Object]", statement.get("Condition") or {}).items():
            for key, values in conditions.items():
                yield f"{indent}  if {key} {operator} {joined(values)}"


def principals(principal: object) -> str:
    """Return the principals of a statement."""
    if isinstance(principal, str):
        return "any principal" if principal == "*" else principal
    return ", ".join(str(name) for names in cast("Object", principal).values() for name in as_list(names))


def as_list(value: object) -> Sequence[object]:
    """Return a list, or the one value as a list."""
    return cast("list[object]", value) if isinstance(value, list) else [value]


def joined(value: object) -> str:
    """Return the values of a list, or the one value."""
    return ", ".join(map(str, as_list(value)))
