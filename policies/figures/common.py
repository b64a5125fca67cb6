"""Figures of several chapters. Allowed values of a single rule are next to the rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

APPLICATION = "taskflow"

# Environment Details.
ACCOUNT = "987654321098"


@dataclass(frozen=True, kw_only=True)
class StackFigures:
    """A stack's own region, all regions that its resources may be in, and its addresses."""

    region: str
    regions: frozenset[str]
    addresses: str


# Environment Details. Production creates the copies for recovery in the recovery region. dr must work while us-east-1
# is down, so it has nothing there. The addresses differ, so that the networks can be peered.
STACKS: Mapping[str, StackFigures] = MappingProxyType(
    {
        "production": StackFigures(
            region="us-east-1", regions=frozenset({"us-east-1", "us-west-2"}), addresses="10.20.0.0/16"
        ),
        "dr": StackFigures(region="us-west-2", regions=frozenset({"us-west-2"}), addresses="10.30.0.0/16"),
    }
)

# Environment Details: the tags of every resource.
TAGS = ("Application", "Environment", "Owner", "ManagedBy", "DataClassification", "CostCenter")

# Backup Schedule: CloudWatch Logs.
LOG_DAYS = 90

# Where ECR has the layers of images: AWS's page on ECR's VPC endpoints.
IMAGE_LAYERS = "arn:aws:s3:::prod-{region}-starport-layer-bucket/*"

# Production Architecture: AZ-1 and AZ-2.
ZONES = 2

Role: TypeAlias = Literal["alb", "service", "database", "cache", "endpoints"]
ANYWHERE = "0.0.0.0/0"
S3_PREFIXES = "S3's prefix list"


@dataclass(frozen=True, kw_only=True)
class Link:
    """One link between security groups: `group` allows traffic from `peer`, or to it, on one TCP port."""

    group: Role
    port: int
    peer: Role | Literal["0.0.0.0/0", "S3's prefix list"]


# Security Groups; the last link is the design's, for the interface endpoints that private tasks need.
INGRESS = (
    Link(group="alb", port=443, peer=ANYWHERE),
    Link(group="service", port=3001, peer="alb"),
    Link(group="database", port=5432, peer="service"),
    Link(group="cache", port=6379, peer="service"),
    Link(group="endpoints", port=443, peer="service"),
)

# The egress of the same links, and of the service to S3 and the internet.
EGRESS = (
    Link(group="alb", port=3001, peer="service"),
    Link(group="service", port=5432, peer="database"),
    Link(group="service", port=6379, peer="cache"),
    Link(group="service", port=443, peer="endpoints"),
    Link(group="service", port=443, peer=S3_PREFIXES),
    Link(group="service", port=443, peer=ANYWHERE),
)
ROLES: tuple[Role, ...] = ("alb", "service", "database", "cache", "endpoints")
