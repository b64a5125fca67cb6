"""The arguments of awsx's Vpc as data: names, shapes, and those that the stand-in doesn't support.

Checks of single arguments are here; checks that need zones or addresses are in `subnets`.
Source of names and rules: the awsx SDK 3.11 and the provider's code (pulumi/pulumi-awsx, awsx/ec2).
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from sandbox.values import UNKNOWN, Value

DEFAULT_CIDR: Final = "10.0.0.0/16"
NAT_STRATEGIES: Final = ("None", "Single", "OnePerAz")
UNUSED: Final = "Unused"

# The component passes these to the VPC unchanged.
PASSED_TO_VPC: Final = (
    "assignGeneratedIpv6CidrBlock",
    "enableDnsHostnames",
    "enableDnsSupport",
    "enableNetworkAddressUsageMetrics",
    "instanceTenancy",
)
UNSUPPORTED: Final = (
    "ipv4IpamPoolId",
    "ipv4NetmaskLength",
    "ipv6CidrBlock",
    "ipv6CidrBlockNetworkBorderGroup",
    "ipv6IpamPoolId",
    "ipv6NetmaskLength",
)
VPC_FIELDS: Final = frozenset(
    {
        *PASSED_TO_VPC,
        *UNSUPPORTED,
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


class ComponentError(ValueError):
    """The component rejects its arguments; the message has the argument, the reason and the allowed values."""


@dataclass(frozen=True, kw_only=True)
class SubnetSpec:
    """One kind of subnet, one in each zone. Masks are prefix lengths, `size` is a number of addresses."""

    type: str
    name: str | None = None
    cidr_mask: int | None = None
    cidr_blocks: Sequence[str] | None = None
    size: int | None = None
    tags: Mapping[str, Value] = field(default_factory=dict[str, Value])

    @property
    def label(self) -> str:
        """The middle part of the subnets' names."""
        return self.type.lower() if self.name is None else self.name

    @property
    def kind(self) -> str:
        """The type in lower case, as awsx compares it."""
        return self.type.lower()


@dataclass(frozen=True, kw_only=True)
class EndpointSpec:
    """One VPC endpoint: `inputs` from the program, `kind` is its type in lower case or None if unknown."""

    service_name: str
    kind: str | None
    inputs: Mapping[str, Value]
    tags: Mapping[str, Value]


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """The component's arguments with awsx's defaults; `passed_to_vpc` goes to the VPC unchanged."""

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
    passed_to_vpc: Mapping[str, Value]

    @property
    def nat(self) -> str:
        """The NAT strategy in lower case, as awsx compares it."""
        return self.nat_strategy.lower()


@dataclass(frozen=True, kw_only=True)
class Fields:
    """One object among the arguments and its path (`subnetSpecs[1]`, empty for the root)."""

    parent: str
    values: Mapping[str, Value]

    @classmethod
    def parse(cls, path: str, value: Value, known: frozenset[str]) -> Self:
        """Read an object; ComponentError if it isn't one or has a name that the awsx SDK lacks."""
        if not isinstance(value, dict):
            raise ComponentError(f"{path}: an object is expected, not {_show(value)}")
        for name in value:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"; did you mean {near[0]}?" if near else f"; allowed: {', '.join(sorted(known))}"
                raise ComponentError(f"{_path(path, name)}: awsx has no such argument{hint}")
        # awsx treats null like a missing argument.
        return cls(parent=path, values={name: item for name, item in value.items() if item is not None})

    def path(self, name: str) -> str:
        """Return the path of a field."""
        return _path(self.parent, name)

    def known(self, name: str) -> Value:
        """Return a field that awsx reads in a preview, so that it must be known."""
        value = self.values.get(name)
        _require_known(self.path(name), value)
        return value

    def text(self, name: str) -> str | None:
        """Return a string."""
        value = self.known(name)
        if value is not None and not isinstance(value, str):
            raise ComponentError(f"{self.path(name)}: a string is expected, not {_show(value)}")
        return value

    def number(self, name: str, *, lowest: int, highest: int | None = None) -> int | None:
        """Return a whole number in a range."""
        value = self.known(name)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is None:
            return None
        fits = isinstance(value, int) and lowest <= value and (highest is None or value <= highest)
        if not fits or isinstance(value, bool):
            allowed = f"of at least {lowest}" if highest is None else f"from {lowest} to {highest}"
            raise ComponentError(f"{self.path(name)}: a whole number {allowed} is expected, not {_show(value)}")
        return value if isinstance(value, int) else None

    def items(self, name: str) -> list[Value] | None:
        """Return a list of known length, whose items may be unknown."""
        value = self.known(name)
        if value is not None and not isinstance(value, list):
            raise ComponentError(f"{self.path(name)}: a list is expected, not {_show(value)}")
        return value

    def texts(self, name: str) -> list[str] | None:
        """Return a list of strings."""
        items = self.items(name)
        if items is None:
            return None
        texts: list[str] = []
        for index, item in enumerate(items):
            path = f"{self.path(name)}[{index}]"
            _require_known(path, item)
            if not isinstance(item, str):
                raise ComponentError(f"{path}: a string is expected, not {_show(item)}")
            texts.append(item)
        return texts

    def objects(self, name: str, known: frozenset[str]) -> "list[Fields] | None":
        """Return a list of objects."""
        items = self.items(name)
        if items is None:
            return None
        return [Fields.parse(f"{self.path(name)}[{index}]", item, known) for index, item in enumerate(items)]

    def tags(self) -> dict[str, Value]:
        """Return the tags; their values may be unknown."""
        value = self.known("tags")
        if value is not None and not isinstance(value, dict):
            raise ComponentError(f"{self.path('tags')}: a map is expected, not {_show(value)}")
        return {key: item for key, item in (value or {}).items() if item is not None}


def read_arguments(inputs: Mapping[str, Value]) -> Arguments:
    """Read the component's inputs (camelCase, as the SDK sends them); ComponentError if awsx rejects them."""
    fields = Fields.parse("", dict(inputs), VPC_FIELDS)
    for name in UNSUPPORTED:
        if name in fields.values:
            raise ComponentError(f"{name}: not supported by the stand-in; use cidrBlock, without IPAM and IPv6")
    if fields.values.get("assignGeneratedIpv6CidrBlock", False) is not False:
        raise ComponentError("assignGeneratedIpv6CidrBlock: the stand-in doesn't support IPv6; remove it or use false")
    nat = Fields.parse("natGateways", fields.values.get("natGateways", {}), NAT_FIELDS)
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
        passed_to_vpc={name: fields.values[name] for name in PASSED_TO_VPC if name in fields.values}
        | _dns_for_endpoints(fields, endpoint_strategy, endpoints),
    )


def _strategy(strategy: str | None) -> str:
    if strategy is None:
        raise ComponentError(
            "subnetStrategy: missing; awsx's default Legacy isn't supported by the stand-in, use Auto or Exact"
        )
    if strategy in {"Legacy", "AutoMerge"}:
        raise ComponentError(f"subnetStrategy: {strategy} isn't supported by the stand-in, use Auto or Exact")
    return strategy


def _nat_strategy(strategy: str | None) -> str:
    strategy = "OnePerAz" if strategy is None else strategy
    if strategy.lower() not in {known.lower() for known in NAT_STRATEGIES}:
        raise ComponentError(f"natGateways.strategy: unknown value {strategy!r}; allowed: {', '.join(NAT_STRATEGIES)}")
    return strategy


def _subnet(spec: Fields) -> SubnetSpec:
    type_ = spec.text("type")
    if type_ is None:
        raise ComponentError(f"{spec.path('type')}: missing; use Public, Private, Isolated or Unused")
    if spec.values.get("assignIpv6AddressOnCreation", False) is not False:
        raise ComponentError(
            f"{spec.path('assignIpv6AddressOnCreation')}: the stand-in doesn't support IPv6; remove it or use false"
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
        raise ComponentError(
            f"{spec.path('serviceName')}: missing; use a service's name, such as com.amazonaws.us-east-1.s3"
        )
    type_ = spec.values.get("vpcEndpointType", "Gateway")
    kind = type_.lower() if isinstance(type_, str) and type_ != UNKNOWN else None
    if strategy == "Auto" and kind is None:
        raise ComponentError(
            f"{spec.path('vpcEndpointType')}: not a plain string; with vpcEndpointStrategy Auto the type of {service} "
            "must be known in a preview (default: Gateway), only Legacy allows an unknown one"
        )
    return EndpointSpec(service_name=service, kind=kind, inputs=spec.values, tags=spec.tags())


def _dns_for_endpoints(fields: Fields, strategy: str, endpoints: Sequence[EndpointSpec]) -> dict[str, Value]:
    """Return the DNS switches that Auto's private endpoint names need; ComponentError if one is false."""
    is_private = any(e.kind == "interface" and e.inputs.get("privateDnsEnabled", True) is True for e in endpoints)
    if strategy != "Auto" or not is_private:
        return {}
    switches = ("enableDnsHostnames", "enableDnsSupport")
    for name in switches:
        if fields.values.get(name) is False:
            raise ComponentError(f"{name}: must be true, because the interface endpoints have private DNS names")
    return {name: True for name in switches if name not in fields.values}


def _require_known(path: str, value: Value) -> None:
    if value == UNKNOWN:
        raise ComponentError(f"{path}: unknown in a preview, where awsx needs it; use a plain value")


def _path(parent: str, name: str) -> str:
    return f"{parent}.{name}" if parent else name


def _show(value: Value) -> str:
    if value == UNKNOWN:
        return "an unknown value"
    return repr(value)
