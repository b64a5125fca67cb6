"""A stack as plain data that a test can change, in the forms that the engine passes after an `up` and in a preview."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, cast

from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

# `up`: every id is known. `preview`: ids are unknown, and computed outputs are missing. `provider preview`: the same,
# but AWS's provider announces the outputs that it will compute.
Form: TypeAlias = Literal["up", "preview", "provider preview"]
FORMS: tuple[Form, ...] = ("up", "preview", "provider preview")
STACKS = ("production", "dr")

# The key of the provider of all AWS resources.
PROVIDER = "aws default_7_51_1"

REMOVED = object()
UNKNOWN = UNKNOWN_STRING_VALUE


@dataclass(frozen=True, kw_only=True)
class Ref:
    """A reference to another resource's output; `via` are the sources that the engine passes for a component's."""

    to: str
    output: str = "id"
    via: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Planned:
    """One resource of a plan: inputs with references in them, and the outputs that AWS computes in an `up`."""

    type: str
    name: str
    parent: str | None = None
    inputs: dict[str, object] = field(default_factory=dict[str, object])
    computed: dict[str, object] = field(default_factory=dict[str, object])
    protect: bool = False

    @property
    def key(self) -> str:
        """Return the key in a plan: the type's last part and the name."""
        return f"{self.type.rpartition(':')[2]} {self.name}"

    @property
    def id(self) -> str:
        """Return an id such as AWS would choose."""
        return f"{self.type.rpartition(':')[2].lower()}-{self.name}"


class Plan:
    """A stack's resources by key, for a test to change."""

    def __init__(self, stack: str) -> None:
        self.stack = stack
        self.resources: dict[str, Planned] = {}

    def add(self, type_: str, name: str, parent: str | None = None, /, **inputs: object) -> Planned:
        planned = Planned(type=type_, name=name, parent=parent, inputs=inputs)
        assert planned.key not in self.resources, f"{planned.key} is planned twice"
        self.resources[planned.key] = planned
        return planned

    def set(self, key: str, path: str, value: object) -> None:
        """Set an input at a dotted path, in which a number is a list index; REMOVED deletes it."""
        *above, last = path.split(".")
        place = cast("dict[str | int, object]", self.resources[key].inputs)
        for step in above:
            place = cast("dict[str | int, object]", place[_step(place, step)])
        if value is REMOVED:
            assert isinstance(place, list) or last in place, f"{key} has no {path} to remove"
            del place[_step(place, last)]
        else:
            place[_step(place, last)] = value

    def remove(self, *keys: str) -> None:
        for key in keys:
            del self.resources[key]

    def differences(self, other: "Plan") -> frozenset[str]:
        """Return the keys of the resources that differ between two plans."""
        either = self.resources.keys() | other.resources.keys()
        return frozenset(key for key in either if self.resources.get(key) != other.resources.get(key))

    def references_of(self, key: str) -> frozenset[str]:
        """Return the keys of the resources that a resource refers to or depends on, and of its parent."""
        planned = self.resources[key]
        parents = (planned.parent,) if planned.parent else ()
        return frozenset((*_sources_of(planned.inputs), *_targets(planned.inputs), *parents))

    def urn(self, key: str) -> str:
        planned = self.resources.get(key)
        type_, name = (planned.type, planned.name) if planned else ("test:missing:Resource", key)
        return f"urn:pulumi:{self.stack}::taskflow::{type_}::{name}"

    def states(self, form: Form) -> list[dict[str, object]]:
        """Return the resources as in a state, in an arbitrary order."""
        return [self.state(key, form) for key in reversed(self.resources)]

    def export(self, form: Form = "up") -> str:
        """Return the plan as `pulumi stack export` writes it."""
        deployment = {"manifest": {"time": "2026-11-24T00:00:00Z", "magic": "", "version": ""}}
        return json.dumps({"version": 3, "deployment": {**deployment, "resources": self.states(form)[::-1]}})

    def state(self, key: str, form: Form) -> dict[str, object]:
        """Return one resource as in a state."""
        planned = self.resources[key]
        inputs = {key: self._value(value, form) for key, value in planned.inputs.items()}
        outputs = dict(inputs)
        if form == "up":
            outputs = {"id": planned.id, **planned.computed, **outputs}
        elif form == "provider preview":
            outputs |= dict.fromkeys(("id", *planned.computed, *_COMPUTED.get(planned.type, ())), UNKNOWN) | inputs
        provider = self.resources.get(PROVIDER)
        custom = planned.type.startswith(("aws:", "pulumi:providers:"))
        state: dict[str, object] = {
            "urn": self.urn(planned.key),
            "type": planned.type,
            "custom": custom,
            "inputs": inputs,
            "outputs": outputs,
            "propertyDependencies": {
                key: [self.urn(other) for other in _sources_of(value)] for key, value in planned.inputs.items()
            },
            "protect": planned.protect,
        }
        if custom:
            state["id"] = planned.id if form == "up" else ""
        if planned.parent:
            state["parent"] = self.urn(planned.parent)
        if planned.type.startswith("aws:") and provider:
            state["provider"] = f"{self.urn(provider.key)}::{provider.id}"
        return state

    def _value(self, value: object, form: Form) -> object:
        if isinstance(value, Ref):
            if form != "up":
                return UNKNOWN
            target = self.resources.get(value.to)
            return value.to if target is None else {"id": target.id, **target.computed}[value.output]
        if isinstance(value, Mapping):
            return {key: self._value(member, form) for key, member in cast("Mapping[str, object]", value).items()}
        if isinstance(value, list):
            return [self._value(element, form) for element in cast("list[object]", value)]
        return value


# The outputs that AWS's provider computes if the program doesn't set them (Optional and Computed in its schema).
_COMPUTED: Mapping[str, Sequence[str]] = {
    "aws:ec2/securityGroup:SecurityGroup": ("ingress", "egress", "arn", "tagsAll"),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ("arn", "tagsAll"),
    "aws:ec2/routeTable:RouteTable": ("routes", "propagatingVgws", "arn"),
    "aws:ec2/route:Route": ("networkInterfaceId", "instanceId", "state", "origin"),
    "aws:ec2/natGateway:NatGateway": ("privateIp", "publicIp", "availabilityMode", "vpcId"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("arn", "dnsEntries", "networkInterfaceIds", "prefixListId", "policy"),
    "aws:ec2/flowLog:FlowLog": ("arn",),
    "aws:ec2/vpc:Vpc": ("arn", "mainRouteTableId", "defaultSecurityGroupId", "ipv6CidrBlock"),
    "aws:kms/key:Key": ("arn", "keyId", "rotationPeriodInDays", "multiRegion"),
    "aws:rds/instance:Instance": (
        "arn",
        "address",
        "allocatedStorage",
        "engine",
        "engineVersion",
        "kmsKeyId",
        "username",
        "dbName",
        "iops",
        "storageThroughput",
        "dbSubnetGroupName",
        "parameterGroupName",
        "availabilityZone",
        "replicas",
        "backupWindow",
        "databaseInsightsMode",
        "engineLifecycleSupport",
        "masterUserSecretKmsKeyId",
        "performanceInsightsKmsKeyId",
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": (
        "arn",
        "configurationEndpointAddress",
        "memberClusters",
        "numCacheClusters",
        "clusterMode",
        "kmsKeyId",
        "transitEncryptionMode",
        "primaryEndpointAddress",
        "engineVersionActual",
    ),
    "aws:secretsmanager/secret:Secret": ("arn", "policy", "replicas"),
    "aws:backup/vault:Vault": ("arn", "kmsKeyArn", "recoveryPoints"),
    "aws:lb/loadBalancer:LoadBalancer": (
        "arn",
        "arnSuffix",
        "dnsName",
        "ipAddressType",
        "securityGroups",
        "subnetMappings",
        "subnets",
        "vpcId",
        "zoneId",
    ),
    "aws:lb/targetGroup:TargetGroup": ("arn", "arnSuffix", "healthCheck", "ipAddressType", "loadBalancerArns"),
    "aws:lb/listener:Listener": ("arn", "sslPolicy", "protocol", "mutualAuthentication"),
    "aws:lb/listenerRule:ListenerRule": ("arn", "priority"),
    "aws:wafv2/webAcl:WebAcl": ("arn", "capacity", "applicationIntegrationUrl", "lockToken"),
    "aws:route53/record:Record": ("fqdn", "allowOverwrite"),
    "aws:route53/healthCheck:HealthCheck": ("arn", "enableSni"),
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": ("arn", "service"),
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": ("arn", "deliveryDestinationType", "outputFormat"),
    "aws:cloudwatch/logDelivery:LogDelivery": ("arn", "fieldDelimiter", "recordFields", "s3DeliveryConfigurations"),
}


def _step(place: object, step: str) -> str | int:
    return int(step) if isinstance(place, list) else step


def _sources_of(value: object) -> list[str]:
    if isinstance(value, Ref):
        return list(value.via or (value.to,))
    if isinstance(value, Mapping):
        return _unique(_sources_of(member) for member in cast("Mapping[str, object]", value).values())
    if isinstance(value, list):
        return _unique(_sources_of(element) for element in cast("list[object]", value))
    return []


def _targets(value: object) -> list[str]:
    if isinstance(value, Ref):
        return [value.to]
    members: Iterable[object] = ()
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value).values()
    elif isinstance(value, list):
        members = cast("list[object]", value)
    return [key for member in members for key in _targets(member)]


def _unique(lists: object) -> list[str]:
    return list(dict.fromkeys(key for keys in cast("list[list[str]]", lists) for key in keys))
