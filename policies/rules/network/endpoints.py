"""Rules about VPC endpoints: a gateway endpoint for S3, the group of interface endpoints, and their policies."""

from collections.abc import Iterator

from policies.engine.expectations import expect_true
from policies.engine.facts import ABSENT, Absent, Known, Node, Resource, Unknown
from policies.engine.graph import Found, Outside, Reference, Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, each_has, findings, report, violation
from policies.figures.common import ACCOUNT, IMAGE_LAYERS
from policies.readers.group_roles import role_of
from policies.readers.iam_documents import allow_statements, conditions, has_condition, label, texts
from policies.readers.regions import own_region
from policies.readers.resource_types import VPC, VPC_ENDPOINT
from policies.readers.security_group_rules import GROUPS
from policies.rules.network.groups import is_s3_endpoint

GROUP_ASSOCIATION = "aws:ec2/securityGroupAssociation:SecurityGroupAssociation"
TABLE_ASSOCIATION = "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation"


def _endpoints(stack: Stack) -> Iterator[Finding]:
    missing = "the VPC has no gateway endpoint for S3, so S3's traffic uses the NAT gateways"
    yield from each_has(
        stack.of(VPC),
        filter(is_s3_endpoint, stack.of(VPC_ENDPOINT)),
        lambda endpoint: stack.refer(endpoint, endpoint.at("vpcId"), VPC),
        missing=violation(missing, "one gateway endpoint for S3"),
    )
    for endpoint in stack.of(VPC_ENDPOINT):
        if is_s3_endpoint(endpoint):
            if not _has_tables(endpoint, stack):
                yield report(endpoint, "no route table has a route to it", "the private subnets' tables")
        elif endpoint.at("vpcEndpointType").text() == Known(value="Interface"):
            yield from findings(endpoint, _interface(endpoint, stack))
    yield from _added_groups(stack)


def _has_tables(endpoint: Resource, stack: Stack) -> bool:
    listed = endpoint.at("routeTableIds").items() not in (ABSENT, Known(value=()))
    added = (stack.refer(each, each.at("vpcEndpointId"), VPC_ENDPOINT) for each in stack.of(TABLE_ASSOCIATION))
    return listed or any(not isinstance(it, Found) or it.resource is endpoint for it in added)


def _interface(endpoint: Resource, stack: Stack) -> Iterator[Verdict]:
    yield from expect_true(endpoint.at("privateDnsEnabled"))
    groups = stack.refer_each(endpoint, endpoint.at("securityGroupIds"), *GROUPS)
    if not groups:
        yield violation("securityGroupIds isn't set: AWS uses the default group", "the endpoints' group")
    for group in groups:
        yield from _group(group)


def _group(group: Reference) -> Iterator[Verdict]:
    allowed = "the endpoints' group, and no other"
    role = role_of(group.resource) if isinstance(group, Found) else group
    match role:
        case Known(value="endpoints"):
            pass
        case Unknown() as unknown:
            yield unknown
        case Outside(text=text):
            yield violation(f"it has the group {text}", allowed)
        case Known() | Absent():
            name = group.resource.name if isinstance(group, Found) else "nothing"
            yield violation(f"it has the group {name}", allowed)


def _added_groups(stack: Stack) -> Iterator[Finding]:
    """Judge the groups that another resource adds to an endpoint."""
    for association in stack.of(GROUP_ASSOCIATION):
        yield from findings(association, _group(stack.refer(association, association.at("securityGroupId"), *GROUPS)))


def _policy(endpoint: Resource) -> Iterator[Verdict]:
    region = own_region(endpoint.stack)
    if region is None:
        # residency-provider-region reports an unknown stack.
        return
    layers = IMAGE_LAYERS.format(region=region)
    absent = violation("policy isn't set: AWS's default lets every account through", "a policy for this account")
    for statement in allow_statements(endpoint.at("policy"), absent=absent):
        if not isinstance(statement, Node):
            yield statement
        elif not _is_for_own_account(statement) and not _is_for_image_layers(statement, layers):
            allowed = f"a condition on aws:PrincipalAccount = {ACCOUNT}; without one, s3:GetObject on {layers} alone"
            yield violation(f"{label(statement)} lets every account through", allowed)


def _is_for_own_account(statement: Node) -> bool:
    return has_condition(conditions(statement), "aws:principalaccount".__eq__, ACCOUNT.__eq__)


def _is_for_image_layers(statement: Node, layers: str) -> bool:
    """Whether it lets ECR's layers through alone: they are fetched from a bucket of AWS, by presigned URLs."""
    elements = (texts(statement.at(key)) for key in ("Action", "Resource", "NotAction", "NotResource"))
    return tuple(elements) == (("s3:GetObject",), (layers,), (), ())


RULES = (
    ResourceRule(
        id="network-endpoint-policies",
        section="Production Architecture",
        description="Through a VPC's endpoints only this account's principals call AWS, so that nobody takes data out "
        "with another account's credentials",
        remedy="Set policy, with a condition on aws:PrincipalAccount in each statement.",
        types=(VPC_ENDPOINT,),
        judge=_policy,
        severity="high",
    ),
    StackRule(
        id="network-endpoints",
        section="Production Architecture",
        description=(
            "Every VPC has a gateway endpoint for S3; every interface endpoint has private DNS names and the "
            "endpoints' security group"
        ),
        remedy="Set privateDnsEnabled and the endpoints' group, and route the private subnets to S3's endpoint.",
        judge=_endpoints,
    ),
)
