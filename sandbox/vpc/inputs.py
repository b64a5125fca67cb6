"""The arguments of awsx's Vpc as data: their names, their shapes, and what the stand-in doesn't build.

What one argument alone can tell is judged here. What needs the zones or the addresses is judged in `subnets`.
Source of names and rules: the awsx SDK 3.11 and the provider's own code (pulumi/pulumi-awsx, awsx/ec2).
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from sandbox.values import UNKNOWN, Value

DEFAULT_CIDR: Final = "10.0.0.0/16"
NAT_STRATEGIES: Final = ("None", "Single", "OnePerAz")
UNUSED: Final = "Unused"

# What the component hands to the VPC as it came.
PASSED_ON: Final = (
    "assignGeneratedIpv6CidrBlock",
    "enableDnsHostnames",
    "enableDnsSupport",
    "enableNetworkAddressUsageMetrics",
    "instanceTenancy",
)
NOT_BUILT: Final = (
    "ipv4IpamPoolId",
    "ipv4NetmaskLength",
    "ipv6CidrBlock",
    "ipv6CidrBlockNetworkBorderGroup",
    "ipv6IpamPoolId",
    "ipv6NetmaskLength",
)
VPC_FIELDS: Final = frozenset(
    {
        *PASSED_ON,
        *NOT_BUILT,
        "availabilityZoneCidrMask",
        "availabilityZoneNames",
        "cidrBlock",
        "natGateways",
        "numberOfAvailabilityZones",
        "region",
        "subnetNameTagStrategy",
        "subnetSpecs",
        "subnetStrategy",
        "tags",
        "vpcEndpointSpecs",
        "vpcEndpointStrategy",
    }
)
NAT_FIELDS: Final = frozenset({"strategy", "elasticIpAllocationIds"})
SUBNET_FIELDS: Final = frozenset(
    {"type", "name", "cidrMask", "cidrBlocks", "size", "tags", "assignIpv6AddressOnCreation"}
)
ENDPOINT_FIELDS: Final = frozenset(
    {
        "autoAccept",
        "dnsOptions",
        "ipAddressType",
        "policy",
        "privateDnsEnabled",
        "region",
        "resourceConfigurationArn",
        "routeTableIds",
        "securityGroupIds",
        "serviceName",
        "serviceNetworkArn",
        "serviceRegion",
        "subnetConfigurations",
        "subnetIds",
        "tags",
        "vpcEndpointType",
    }
)


class Refused(ValueError):  # noqa: N818  (read as a verdict: the component was refused)
    """Arguments that are refused; the message is what the user reads: what is refused, why, and what is allowed."""


@dataclass(frozen=True, kw_only=True)
class SubnetSpec:
    """One kind of subnet, of which every zone gets one. Masks are bits of prefix, `size` is a number of addresses."""

    type: str
    name: str | None = None
    cidr_mask: int | None = None
    cidr_blocks: Sequence[str] | None = None
    size: int | None = None
    tags: Mapping[str, Value] = field(default_factory=dict[str, Value])

    @property
    def label(self) -> str:
        """The middle part of its subnets' names."""
        return self.type.lower() if self.name is None else self.name

    @property
    def kind(self) -> str:
        """Its type in lower case, as awsx compares it."""
        return self.type.lower()


@dataclass(frozen=True, kw_only=True)
class EndpointSpec:
    """One VPC endpoint: `given` is what the program asked, `kind` its type in lower case, None if not yet known."""

    service_name: str
    kind: str | None
    given: Mapping[str, Value]
    tags: Mapping[str, Value]


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """The component's arguments with awsx's defaults filled in; `passed_on` goes to the VPC as it came."""

    cidr_block: str
    zone_names: Sequence[str] | None
    zone_count: int | None
    zone_mask: int | None
    strategy: str
    specs: Sequence[SubnetSpec] | None
    nat_strategy: str
    allocation_ids: Sequence[Value]
    names_by_zone: bool
    endpoint_strategy: str
    endpoints: Sequence[EndpointSpec]
    region: Value
    tags: Mapping[str, Value]
    passed_on: Mapping[str, Value]

    @property
    def nat(self) -> str:
        """The NAT strategy in lower case, as awsx compares it."""
        return self.nat_strategy.lower()


@dataclass(frozen=True, kw_only=True)
class Fields:
    """One object among the arguments, and where it stands (`subnetSpecs[1]`, or nothing for the whole)."""

    where: str
    values: Mapping[str, Value]

    @classmethod
    def of(cls, where: str, value: Value, known: frozenset[str]) -> Self:
        """Take an object apart; Refused when it is none, or has a name that the awsx SDK doesn't have."""
        if not isinstance(value, dict):
            raise Refused(f"{where}: an object is expected, not {_show(value)}")
        for name in value:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"; did you mean {near[0]}?" if near else f"; it has {', '.join(sorted(known))}"
                raise Refused(f"{_path(where, name)}: awsx has no such argument{hint}")
        # Left out and null are the same to awsx.
        return cls(where=where, values={name: item for name, item in value.items() if item is not None})

    def path(self, name: str) -> str:
        """Say where one of its fields stands."""
        return _path(self.where, name)

    def plain(self, name: str) -> Value:
        """Give a field that awsx reads while it plans, so that it can't wait for another resource."""
        value = self.values.get(name)
        _must_be_known(self.path(name), value)
        return value

    def text(self, name: str) -> str | None:
        """Give a string."""
        value = self.plain(name)
        if value is not None and not isinstance(value, str):
            raise Refused(f"{self.path(name)}: a string is expected, not {_show(value)}")
        return value

    def number(self, name: str, *, lowest: int, highest: int | None = None) -> int | None:
        """Give a whole number in a range."""
        value = self.plain(name)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is None:
            return None
        fits = isinstance(value, int) and lowest <= value and (highest is None or value <= highest)
        if not fits or isinstance(value, bool):
            span = f"of at least {lowest}" if highest is None else f"from {lowest} to {highest}"
            raise Refused(f"{self.path(name)}: a whole number {span} is expected, not {_show(value)}")
        return value if isinstance(value, int) else None

    def items(self, name: str) -> list[Value] | None:
        """Give a list of known length; what stands in it may be unknown."""
        value = self.plain(name)
        if value is not None and not isinstance(value, list):
            raise Refused(f"{self.path(name)}: a list is expected, not {_show(value)}")
        return value

    def texts(self, name: str) -> list[str] | None:
        """Give a list of strings."""
        items = self.items(name)
        if items is None:
            return None
        found: list[str] = []
        for index, item in enumerate(items):
            place = f"{self.path(name)}[{index}]"
            _must_be_known(place, item)
            if not isinstance(item, str):
                raise Refused(f"{place}: a string is expected, not {_show(item)}")
            found.append(item)
        return found

    def objects(self, name: str, known: frozenset[str]) -> "list[Fields] | None":
        """Give a list of objects."""
        items = self.items(name)
        if items is None:
            return None
        return [Fields.of(f"{self.path(name)}[{index}]", item, known) for index, item in enumerate(items)]

    def tags(self) -> dict[str, Value]:
        """Give the tags; a tag's value may be unknown, its key can't."""
        value = self.plain("tags")
        if value is not None and not isinstance(value, dict):
            raise Refused(f"{self.path('tags')}: a map is expected, not {_show(value)}")
        return {key: item for key, item in (value or {}).items() if item is not None}


def read(inputs: Mapping[str, Value]) -> Arguments:
    """Read the component's inputs (camelCase, as the SDK sends them); Refused when they can't be what awsx takes."""
    fields = Fields.of("", dict(inputs), VPC_FIELDS)
    for name in NOT_BUILT:
        if name in fields.values:
            raise Refused(f"{name}: the stand-in doesn't build it; give cidrBlock, without IPAM and IPv6")
    if fields.values.get("assignGeneratedIpv6CidrBlock", False) is not False:
        raise Refused("assignGeneratedIpv6CidrBlock: the stand-in doesn't build IPv6; leave it out, or false")
    nat = Fields.of("natGateways", fields.values.get("natGateways", {}), NAT_FIELDS)
    endpoint_strategy = fields.text("vpcEndpointStrategy") or "Legacy"
    endpoints = [
        _endpoint(spec, endpoint_strategy) for spec in fields.objects("vpcEndpointSpecs", ENDPOINT_FIELDS) or ()
    ]
    specs = fields.objects("subnetSpecs", SUBNET_FIELDS)
    cidr_block = fields.text("cidrBlock")
    return Arguments(
        cidr_block=DEFAULT_CIDR if cidr_block is None else cidr_block,
        zone_names=fields.texts("availabilityZoneNames"),
        zone_count=fields.number("numberOfAvailabilityZones", lowest=0),
        zone_mask=fields.number("availabilityZoneCidrMask", lowest=1, highest=32),
        strategy=_strategy(fields.text("subnetStrategy")),
        specs=None if specs is None else [_subnet(spec) for spec in specs],
        nat_strategy=_nat_strategy(nat.text("strategy")),
        allocation_ids=nat.items("elasticIpAllocationIds") or [],
        names_by_zone=fields.text("subnetNameTagStrategy") == "AvailabilityZone",
        endpoint_strategy=endpoint_strategy,
        endpoints=endpoints,
        region=fields.values.get("region"),
        tags=fields.tags(),
        passed_on={name: fields.values[name] for name in PASSED_ON if name in fields.values}
        | _dns_for_endpoints(fields, endpoint_strategy, endpoints),
    )


def _strategy(given: str | None) -> str:
    if given is None:
        raise Refused(
            "subnetStrategy: left out, awsx takes Legacy, and the stand-in doesn't build Legacy; use Auto or Exact"
        )
    if given in {"Legacy", "AutoMerge"}:
        raise Refused(f"subnetStrategy: the stand-in doesn't build {given}; use Auto or Exact")
    return given


def _nat_strategy(given: str | None) -> str:
    strategy = "OnePerAz" if given is None else given
    if strategy.lower() not in {known.lower() for known in NAT_STRATEGIES}:
        raise Refused(f"natGateways.strategy: {strategy!r} is unknown; awsx has {', '.join(NAT_STRATEGIES)}")
    return strategy


def _subnet(spec: Fields) -> SubnetSpec:
    type_ = spec.text("type")
    if type_ is None:
        raise Refused(f"{spec.path('type')}: missing; awsx has Public, Private, Isolated and Unused")
    if spec.values.get("assignIpv6AddressOnCreation", False) is not False:
        raise Refused(
            f"{spec.path('assignIpv6AddressOnCreation')}: the stand-in doesn't build IPv6; leave it out, or false"
        )
    return SubnetSpec(
        type=type_,
        name=spec.text("name"),
        cidr_mask=spec.number("cidrMask", lowest=1, highest=32),
        cidr_blocks=spec.texts("cidrBlocks"),
        size=spec.number("size", lowest=0),
        tags=spec.tags(),
    )


def _endpoint(spec: Fields, strategy: str) -> EndpointSpec:
    service = spec.text("serviceName")
    if service is None:
        raise Refused(f"{spec.path('serviceName')}: missing; it names the service, such as com.amazonaws.us-east-1.s3")
    type_ = spec.values.get("vpcEndpointType", "Gateway")
    kind = type_.lower() if isinstance(type_, str) and type_ != UNKNOWN else None
    if strategy == "Auto" and kind is None:
        raise Refused(
            f"{spec.path('vpcEndpointType')}: not a plain string; Auto of vpcEndpointStrategy has to know the type of "
            f"{service} beforehand (left out it is Gateway), only Legacy takes one that comes later"
        )
    return EndpointSpec(service_name=service, kind=kind, given=spec.values, tags=spec.tags())


def _dns_for_endpoints(fields: Fields, strategy: str, endpoints: Sequence[EndpointSpec]) -> dict[str, Value]:
    """Give the DNS switches that private names of Auto's interface endpoints need; Refused when one is off."""
    private = any(e.kind == "interface" and e.given.get("privateDnsEnabled", True) is True for e in endpoints)
    if strategy != "Auto" or not private:
        return {}
    switches = ("enableDnsHostnames", "enableDnsSupport")
    for name in switches:
        if fields.values.get(name) is False:
            raise Refused(f"{name}: false is refused, since the interface endpoints have private DNS names; use true")
    return {name: True for name in switches if name not in fields.values}


def _must_be_known(path: str, value: Value) -> None:
    if value == UNKNOWN:
        raise Refused(f"{path}: unknown until another resource is made; awsx plans with it, so give a plain value")


def _path(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _show(value: Value) -> str:
    if value == UNKNOWN:
        return "one that is unknown until another resource is made"
    return repr(value)
