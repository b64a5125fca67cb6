"""The committed table of broken values: each setting's path, ways to break it, and the expected problems.

test_breakages.py compares it with the models: a setting without three rows (a wrong type, a value that isn't allowed, a
misspelled name) fails there, and so does a row without a setting.
"""

from collections.abc import Mapping, Sequence
from typing import cast

from tests.settings.as_pulumi import Json
from tests.settings.breakages_alerts import ALERT_ROWS
from tests.settings.breakages_audit import AUDIT_ROWS
from tests.settings.breakages_dashboard import DASHBOARD_ROWS
from tests.settings.breakages_data import DATA
from tests.settings.breakages_edge import EDGE_ROWS
from tests.settings.breakages_provider import PROVIDER_ROWS
from tests.settings.breakages_service import SERVICE_ROWS
from tests.settings.breakages_storage import STORAGE_ROWS
from tests.settings.breaking import QUOTE_IT, Breakage, misspelled, not_allowed, wrong_type
from tests.settings.support import as_data

TAGS = cast("dict[str, dict[str, Json]]", as_data("production")["aws:defaultTags"])["tags"]
RANGE = "a private IPv4 range from /16 to /28"

BREAKAGES: Mapping[str, Sequence[Breakage]] = {
    "aws:region": (
        # Pulumi turns a number under a key into text: only its form is wrong.
        wrong_type(15.1, "aws:region", "an AWS region"),
        wrong_type(["us-east-1"], "aws:region", "an AWS region"),
        not_allowed("useast1", "aws:region", message="such as us-east-1"),
        not_allowed("us-east-1a", "aws:region", message="such as us-east-1"),
        not_allowed("", "aws:region", message="such as us-east-1"),
        misspelled("aws:reigon", "aws:reigon", "did you mean aws:region?"),
    ),
    "aws:allowedAccountIds": (
        wrong_type("987654321098", "aws:allowedAccountIds", "write a list"),
        wrong_type([987654321098], "aws:allowedAccountIds[0]", "drops leading zeros"),
        wrong_type({"id": "987654321098"}, "aws:allowedAccountIds", "a list of exactly one account id"),
        not_allowed([], "aws:allowedAccountIds", message="exactly one"),
        not_allowed(["987654321098", "123456789012"], "aws:allowedAccountIds", message="exactly one"),
        not_allowed(["98765432109"], "aws:allowedAccountIds[0]", message="twelve digits"),
        misspelled("aws:allowedAccountId", "aws:allowedAccountId", "did you mean aws:allowedAccountIds?"),
    ),
    "aws:defaultTags": (
        wrong_type("Owner=devops", "aws:defaultTags", "a block of tags"),
        wrong_type([], "aws:defaultTags", "a block of tags"),
        not_allowed({}, "aws:defaultTags.tags", message="a map of at most 50 tags"),
        misspelled("aws:defaultTag", "aws:defaultTag", "did you mean aws:defaultTags?"),
    ),
    "aws:defaultTags.tags": (
        wrong_type(["Owner"], "aws:defaultTags.tags", "a map of at most 50 tags"),
        wrong_type(None, "aws:defaultTags.tags", "a map of at most 50 tags"),
        not_allowed({f"t{n}": "x" for n in range(51)}, "aws:defaultTags.tags", message="at most 50"),
        Breakage(
            kind="value",
            value={**TAGS, "owner": "devops"},
            paths=("aws:defaultTags.tags.owner",),
            message='a name other than aws:defaultTags.tags.Owner ("devops"): IAM ignores case',
        ),
        Breakage(
            kind="value",
            value={**TAGS, "team": "a", "Team": "a", "TEAM": "a"},
            paths=("aws:defaultTags.tags.TEAM", "aws:defaultTags.tags.Team"),
            message="a name other than aws:defaultTags.tags.team",
        ),
        misspelled("tag", "aws:defaultTags.tag", "did you mean tags?"),
    ),
    **PROVIDER_ROWS,
    "aws:profile": (
        wrong_type({"name": "x y"}, "aws:profile", "a profile's name"),
        not_allowed("two words", "aws:profile", message="a profile's name"),
        not_allowed("", "aws:profile", message="a profile's name"),
        misspelled("aws:profil", "aws:profil", "did you mean aws:profile?"),
    ),
    "taskflow:environment": (
        wrong_type("production", "taskflow:environment", "a block of domain"),
        wrong_type(None, "taskflow:environment", "a block of domain"),
        not_allowed(
            {},
            *(f"taskflow:environment.{name}" for name in ("domain", "hostedZone", "hostedZoneName")),
            message="in lower",
        ),
        misspelled("taskflow:enviroment", "taskflow:enviroment", "did you mean taskflow:environment?"),
    ),
    "taskflow:environment.domain": (
        wrong_type(True, "taskflow:environment.domain", "true or false"),
        wrong_type(10.1, "taskflow:environment.domain", QUOTE_IT),
        not_allowed("https://taskflow.app", "taskflow:environment.domain", message="without https://"),
        not_allowed("taskflow.app.", "taskflow:environment.domain", message="the trailing dot"),
        not_allowed("TaskFlow.app", "taskflow:environment.domain", message="in lower case"),
        not_allowed("localhost", "taskflow:environment.domain", message="such as taskflow.app"),
        not_allowed("10.20.0.1", "taskflow:environment.domain", message="must not be a number"),
        not_allowed("-a.app", "taskflow:environment.domain", message="such as taskflow.app"),
        not_allowed(f"{'a' * 64}.app", "taskflow:environment.domain", message="such as taskflow.app"),
        not_allowed(".".join(["a" * 60] * 5), "taskflow:environment.domain", message="such as taskflow.app"),
        # With the prefix standby. one more than ACM's 64.
        not_allowed(f"{'a' * 44}.taskflow.app", "taskflow:environment.domain", message="has 65 octets"),
        misspelled("Domain", "taskflow:environment.Domain", "did you mean domain?"),
    ),
    "taskflow:network": (
        wrong_type([], "taskflow:network", "a block of cidrBlock"),
        wrong_type("10.20.0.0/16", "taskflow:network", "a block of cidrBlock"),
        not_allowed(
            {},
            *(
                f"taskflow:network.{name}"
                for name in (
                    "availabilityZones",
                    "cidrBlock",
                    "dataSubnets",
                    "flowLogs",
                    "interfaceEndpoints",
                    "peerCidrs",
                    "ports",
                    "privateSubnets",
                    "publicSubnets",
                )
            ),
            message="a list of two availability zones",
        ),
        misspelled("taskflow:networks", "taskflow:networks", "did you mean taskflow:network?"),
    ),
    "taskflow:network.cidrBlock": (
        wrong_type(10.2, "taskflow:network.cidrBlock", QUOTE_IT),
        wrong_type(["10.20.0.0/16"], "taskflow:network.cidrBlock", "write one string"),
        not_allowed("10.20.0.0", "taskflow:network.cidrBlock", message=RANGE),
        not_allowed("10.20.0.0/15", "taskflow:network.cidrBlock", message="/15 is too large"),
        not_allowed("10.20.0.0/29", "taskflow:network.cidrBlock", message="/29 is too small"),
        not_allowed("10.20.0.1/16", "taskflow:network.cidrBlock", message="the range is 10.20.0.0/16"),
        not_allowed("8.8.0.0/16", "taskflow:network.cidrBlock", message="are not private"),
        not_allowed("172.32.0.0/16", "taskflow:network.cidrBlock", message="are not private"),
        not_allowed("10.20.0.256/16", "taskflow:network.cidrBlock", message="is not an address range"),
        not_allowed("010.020.0.0/16", "taskflow:network.cidrBlock", message="is not an address range"),
        misspelled("cidr_block", "taskflow:network.cidr_block", "did you mean cidrBlock?"),
    ),
    "taskflow:network.availabilityZones": (
        wrong_type("us-east-1a", "taskflow:network.availabilityZones", "write a list"),
        wrong_type([1, "us-east-1b"], "taskflow:network.availabilityZones[0]", QUOTE_IT),
        not_allowed(["us-east-1a"], "taskflow:network.availabilityZones", message="two availability zones"),
        not_allowed(
            ["us-east-1a", "us-east-1b", "us-east-1c"],
            "taskflow:network.availabilityZones",
            message="two availability zones",
        ),
        not_allowed(["us-east-1a", "us-east-1"], "taskflow:network.availabilityZones[1]", message="and a letter"),
        not_allowed(
            ["us-east-1a", "us-east-1a"],
            "taskflow:network.availabilityZones[1]",
            message='a value other than taskflow:network.availabilityZones[0] ("us-east-1a")',
        ),
        not_allowed(
            ["us-west-2a", "us-east-1b"],
            "taskflow:network.availabilityZones[0]",
            message='a zone of aws:region ("us-east-1")',
        ),
        not_allowed(
            ["us-east-1a", "us-east-2b"],
            "taskflow:network.availabilityZones[1]",
            message='a zone of aws:region ("us-east-1")',
        ),
        misspelled("availabilityZone", "taskflow:network.availabilityZone", "did you mean availabilityZones?"),
    ),
    "taskflow:network.publicSubnets": (
        wrong_type("10.20.0.0/24", "taskflow:network.publicSubnets", "write a list"),
        wrong_type(["10.20.0.0/24", 10.2], "taskflow:network.publicSubnets[1]", QUOTE_IT),
        not_allowed([], "taskflow:network.publicSubnets", message="one for each zone"),
        not_allowed(
            ["10.20.0.0/24"],
            "taskflow:network.publicSubnets",
            message='one for each of taskflow:network.availabilityZones (["us-east-1a", "us-east-1b"])',
        ),
        not_allowed(["10.20.0.0/24", "10.20.1.0/29"], "taskflow:network.publicSubnets[1]", message="/29 is too small"),
        not_allowed(
            ["10.20.0.0/28", "10.20.0.32/27"],
            "taskflow:network.publicSubnets[0]",
            message="/28 is too small: the load balancer requires 8 free addresses",
        ),
        not_allowed(
            ["10.20.0.0/24", "10.21.0.0/24"],
            "taskflow:network.publicSubnets[1]",
            message='a range inside taskflow:network.cidrBlock ("10.20.0.0/16")',
        ),
        not_allowed(
            ["10.20.0.0/24", "10.20.0.128/25"],
            "taskflow:network.publicSubnets[1]",
            message='overlap taskflow:network.publicSubnets[0] ("10.20.0.0/24")',
        ),
        misspelled("publicSubnet", "taskflow:network.publicSubnet", "did you mean publicSubnets?"),
    ),
    "taskflow:network.privateSubnets": (
        wrong_type({"a": "10.20.16.0/20"}, "taskflow:network.privateSubnets", "a list of address ranges"),
        not_allowed(
            ["10.20.16.0/20", "10.20.40.0/20"], "taskflow:network.privateSubnets[1]", message="host bits are set"
        ),
        not_allowed(
            ["10.20.0.0/20", "10.20.32.0/20"],
            "taskflow:network.privateSubnets[0]",
            # The data subnets come later in the file, and overlap this one too.
            "taskflow:network.dataSubnets[0]",
            "taskflow:network.dataSubnets[1]",
            message='overlap taskflow:network.publicSubnets[0] ("10.20.0.0/24")',
        ),
        # Twice 20 tasks and 7 endpoints are 47; AWS reserves 5 of the 32 addresses.
        not_allowed(
            ["10.20.16.0/26", "10.20.32.0/27"],
            "taskflow:network.privateSubnets[1]",
            message="/26 or larger, so that one zone has room for 40 tasks (a release at "
            "taskflow:service.maxCount (20)) and 7 interface endpoints",
        ),
        misspelled("private_subnets", "taskflow:network.private_subnets", "did you mean privateSubnets?"),
    ),
    "taskflow:network.dataSubnets": (
        wrong_type([None, "10.20.3.0/24"], "taskflow:network.dataSubnets[0]", "the value is missing"),
        not_allowed(
            ["10.20.2.0/24", "10.20.3.0/24", "10.20.4.0/24"],
            "taskflow:network.dataSubnets",
            message="2 address ranges, one for each",
        ),
        not_allowed(
            ["10.20.17.0/24", "10.20.3.0/24"],
            "taskflow:network.dataSubnets[0]",
            message='overlap taskflow:network.privateSubnets[0] ("10.20.16.0/20")',
        ),
        misspelled("datasubnets", "taskflow:network.datasubnets", "did you mean dataSubnets?"),
    ),
    "taskflow:network.peerCidrs": (
        wrong_type("10.30.0.0/16", "taskflow:network.peerCidrs", "write a list"),
        not_allowed(["10.30.0.0"], "taskflow:network.peerCidrs[0]", message=RANGE),
        not_allowed(
            ["10.30.0.0/16", "10.20.128.0/17"],
            "taskflow:network.peerCidrs[1]",
            message='overlap taskflow:network.cidrBlock ("10.20.0.0/16")',
        ),
        not_allowed(
            ["10.30.0.0/16", "10.30.8.0/24"],
            "taskflow:network.peerCidrs[1]",
            message='overlap taskflow:network.peerCidrs[0] ("10.30.0.0/16")',
        ),
        misspelled("peerCidr", "taskflow:network.peerCidr", "did you mean peerCidrs?"),
    ),
    "taskflow:network.ports": (
        wrong_type(3001, "taskflow:network.ports", "a block of service, database, cache"),
        wrong_type([3001, 5432, 6379], "taskflow:network.ports", "a block of service, database, cache"),
        not_allowed({"service": 3001, "database": 5432}, "taskflow:network.ports.cache", message="1024 to 65535"),
        misspelled("port", "taskflow:network.port", "did you mean ports?"),
    ),
    "taskflow:network.ports.service": (
        wrong_type("3001", "taskflow:network.ports.service", "without quotes"),
        wrong_type(True, "taskflow:network.ports.service", "1024 to 65535"),
        not_allowed(443, "taskflow:network.ports.service", message="1024 to 65535"),
        not_allowed(65536, "taskflow:network.ports.service", message="to 65535"),
        misspelled("servce", "taskflow:network.ports.servce", "did you mean service?"),
    ),
    "taskflow:network.ports.database": (
        wrong_type(5432.5, "taskflow:network.ports.database", "RDS accepts no other port"),
        not_allowed(1149, "taskflow:network.ports.database", message="1150 to 65535"),
        not_allowed(-5432, "taskflow:network.ports.database", message="1150 to 65535"),
        misspelled("databse", "taskflow:network.ports.databse", "did you mean database?"),
    ),
    "taskflow:network.ports.cache": (
        wrong_type(None, "taskflow:network.ports.cache", "1024 to 65535"),
        not_allowed(0, "taskflow:network.ports.cache", message="1024 to 65535"),
        misspelled("cach", "taskflow:network.ports.cach", "did you mean cache?"),
    ),
    "taskflow:network.interfaceEndpoints": (
        wrong_type("kms", "taskflow:network.interfaceEndpoints", "write a list"),
        wrong_type(["kms", 1], "taskflow:network.interfaceEndpoints[1]", QUOTE_IT),
        not_allowed(["ecr.dkp"], "taskflow:network.interfaceEndpoints[0]", message="did you mean ecr.dkr?"),
        not_allowed(["s3"], "taskflow:network.interfaceEndpoints[0]", message="one of appconfig"),
        not_allowed(
            ["com.amazonaws.us-east-1.kms"], "taskflow:network.interfaceEndpoints[0]", message="one of appconfig"
        ),
        not_allowed(
            ["kms", "sqs", "kms"],
            "taskflow:network.interfaceEndpoints[2]",
            message='a value other than taskflow:network.interfaceEndpoints[0] ("kms")',
        ),
        misspelled("interfaceEndpoint", "taskflow:network.interfaceEndpoint", "did you mean interfaceEndpoints?"),
    ),
    "taskflow:network.flowLogs": (
        wrong_type(True, "taskflow:network.flowLogs", "a block of retentionInDays"),
        wrong_type(None, "taskflow:network.flowLogs", "a block of retentionInDays"),
        not_allowed(
            {"retentionInDays": 90, "trafficType": "ALL"},
            "taskflow:network.flowLogs.maxAggregationInterval",
            message="60 or 600",
        ),
        misspelled("flowlog", "taskflow:network.flowlog", "did you mean flowLogs?"),
    ),
    "taskflow:network.flowLogs.retentionInDays": (
        wrong_type("90", "taskflow:network.flowLogs.retentionInDays", "without quotes"),
        not_allowed(60, "taskflow:network.flowLogs.retentionInDays", message="at least 90 days"),
        not_allowed(91, "taskflow:network.flowLogs.retentionInDays", message="90, 120, 150"),
        not_allowed(0, "taskflow:network.flowLogs.retentionInDays", message="at least 90 days"),
        misspelled("retentionDays", "taskflow:network.flowLogs.retentionDays", "did you mean retentionInDays?"),
    ),
    "taskflow:network.flowLogs.trafficType": (
        wrong_type(False, "taskflow:network.flowLogs.trafficType", "true or false"),
        not_allowed("all", "taskflow:network.flowLogs.trafficType", message="did you mean ALL?"),
        not_allowed("NONE", "taskflow:network.flowLogs.trafficType", message="one of ALL, ACCEPT, REJECT"),
        misspelled("traffictype", "taskflow:network.flowLogs.traffictype", "did you mean trafficType?"),
    ),
    "taskflow:network.flowLogs.maxAggregationInterval": (
        wrong_type("60", "taskflow:network.flowLogs.maxAggregationInterval", "without quotes"),
        not_allowed(300, "taskflow:network.flowLogs.maxAggregationInterval", message="60 or 600"),
        misspelled(
            "aggregationInterval", "taskflow:network.flowLogs.aggregationInterval", "did you mean maxAggregation"
        ),
    ),
    **DATA,
    **STORAGE_ROWS,
    **SERVICE_ROWS,
    **AUDIT_ROWS,
    **EDGE_ROWS,
    **ALERT_ROWS,
    **DASHBOARD_ROWS,
}
