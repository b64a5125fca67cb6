"""Broken values of the network."""

from collections.abc import Sequence

from tests.settings.breaking import QUOTE_IT, Rows, rejected

NETWORK = "taskflow:network"
RANGE = "a private IPv4 range from /16 to /28"

ROWS: Sequence[Rows] = (
    rejected(f"{NETWORK}.cidrBlock", RANGE, "10.20.0.0"),
    rejected(f"{NETWORK}.cidrBlock", "/15 is too large", "10.20.0.0/15"),
    rejected(f"{NETWORK}.cidrBlock", "/29 is too small", "10.20.0.0/29"),
    rejected(f"{NETWORK}.cidrBlock", "the range is 10.20.0.0/16", "10.20.0.1/16"),
    rejected(f"{NETWORK}.cidrBlock", "are not private", "8.8.0.0/16", "172.32.0.0/16"),
    rejected(f"{NETWORK}.cidrBlock", "is not an address range", "10.20.0.256/16", "010.020.0.0/16"),
    rejected(f"{NETWORK}.availabilityZones", QUOTE_IT, [1, "us-east-1b"], at=("[0]",)),
    rejected(
        f"{NETWORK}.availabilityZones",
        "two availability zones",
        ["us-east-1a"],
        ["us-east-1a", "us-east-1b", "us-east-1c"],
    ),
    rejected(f"{NETWORK}.availabilityZones", "and a letter", ["us-east-1a", "us-east-1"], at=("[1]",)),
    rejected(
        f"{NETWORK}.availabilityZones",
        'a value other than taskflow:network.availabilityZones[0] ("us-east-1a")',
        ["us-east-1a", "us-east-1a"],
        at=("[1]",),
    ),
    rejected(
        f"{NETWORK}.availabilityZones", 'a zone of aws:region ("us-east-1")', ["us-west-2a", "us-east-1b"], at=("[0]",)
    ),
    rejected(
        f"{NETWORK}.availabilityZones", 'a zone of aws:region ("us-east-1")', ["us-east-1a", "us-east-2b"], at=("[1]",)
    ),
    rejected(f"{NETWORK}.publicSubnets", QUOTE_IT, ["10.20.0.0/24", 10.2], at=("[1]",)),
    rejected(f"{NETWORK}.publicSubnets", "one for each zone", []),
    rejected(
        f"{NETWORK}.publicSubnets",
        'one for each of taskflow:network.availabilityZones (["us-east-1a", "us-east-1b"])',
        ["10.20.0.0/24"],
    ),
    rejected(f"{NETWORK}.publicSubnets", "/29 is too small", ["10.20.0.0/24", "10.20.1.0/29"], at=("[1]",)),
    rejected(
        f"{NETWORK}.publicSubnets",
        "/28 is too small: the load balancer requires 8 free addresses",
        ["10.20.0.0/28", "10.20.0.32/27"],
        at=("[0]",),
    ),
    rejected(
        f"{NETWORK}.publicSubnets",
        'a range inside taskflow:network.cidrBlock ("10.20.0.0/16")',
        ["10.20.0.0/24", "10.21.0.0/24"],
        at=("[1]",),
    ),
    rejected(
        f"{NETWORK}.publicSubnets",
        'overlap taskflow:network.publicSubnets[0] ("10.20.0.0/24")',
        ["10.20.0.0/24", "10.20.0.128/25"],
        at=("[1]",),
    ),
    rejected(f"{NETWORK}.privateSubnets", "host bits are set", ["10.20.16.0/20", "10.20.40.0/20"], at=("[1]",)),
    rejected(
        f"{NETWORK}.privateSubnets",
        'overlap taskflow:network.publicSubnets[0] ("10.20.0.0/24")',
        ["10.20.0.0/20", "10.20.32.0/20"],
        at=("[0]", f"{NETWORK}.dataSubnets[0]", f"{NETWORK}.dataSubnets[1]"),
    ),
    # Twice 20 tasks and 7 endpoints are 47; AWS reserves 5 of the 32 addresses.
    rejected(
        f"{NETWORK}.privateSubnets",
        "/26 or larger, so that one zone has room for 40 tasks (a release at "
        "taskflow:service.maxCount (20)) and 7 interface endpoints",
        ["10.20.16.0/26", "10.20.32.0/27"],
        at=("[1]",),
    ),
    rejected(f"{NETWORK}.dataSubnets", "the value is missing", [None, "10.20.3.0/24"], at=("[0]",)),
    rejected(
        f"{NETWORK}.dataSubnets", "2 address ranges, one for each", ["10.20.2.0/24", "10.20.3.0/24", "10.20.4.0/24"]
    ),
    rejected(
        f"{NETWORK}.dataSubnets",
        'overlap taskflow:network.privateSubnets[0] ("10.20.16.0/20")',
        ["10.20.17.0/24", "10.20.3.0/24"],
        at=("[0]",),
    ),
    rejected(f"{NETWORK}.peerCidrs", RANGE, ["10.30.0.0"], at=("[0]",)),
    rejected(
        f"{NETWORK}.peerCidrs",
        'overlap taskflow:network.cidrBlock ("10.20.0.0/16")',
        ["10.30.0.0/16", "10.20.128.0/17"],
        at=("[1]",),
    ),
    rejected(
        f"{NETWORK}.peerCidrs",
        'overlap taskflow:network.peerCidrs[0] ("10.30.0.0/16")',
        ["10.30.0.0/16", "10.30.8.0/24"],
        at=("[1]",),
    ),
    rejected(f"{NETWORK}.ports", "1024 to 65535", {"service": 3001, "database": 5432}, at=(".cache",)),
    rejected(f"{NETWORK}.ports.database", "1150 to 65535: RDS accepts no other port", 1149),
    rejected(f"{NETWORK}.interfaceEndpoints", QUOTE_IT, ["kms", 1], at=("[1]",)),
    rejected(f"{NETWORK}.interfaceEndpoints", "did you mean ecr.dkr?", ["ecr.dkp"], at=("[0]",)),
    rejected(f"{NETWORK}.interfaceEndpoints", "one of appconfig", ["s3"], ["com.amazonaws.us-east-1.kms"], at=("[0]",)),
    rejected(
        f"{NETWORK}.interfaceEndpoints",
        'a value other than taskflow:network.interfaceEndpoints[0] ("kms")',
        ["kms", "sqs", "kms"],
        at=("[2]",),
    ),
    rejected(
        f"{NETWORK}.flowLogs",
        "60 or 600",
        {"retentionInDays": 90, "trafficType": "ALL"},
        at=(".maxAggregationInterval",),
    ),
    rejected(f"{NETWORK}.flowLogs.retentionInDays", "90, 120, 150", 91),
    rejected(f"{NETWORK}.flowLogs.trafficType", "did you mean ALL?", "all"),
)
