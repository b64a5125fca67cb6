"""The edge is production's, and dr's is its half of the origin's name: nothing of one is in the other's plan."""

import pytest

from tests.engine.both import Both
from tests.engine.support import Planned

pytestmark = pytest.mark.xdist_group("both-stacks")

RECORD = "aws:route53/record:Record"
# Whatever only CloudFront has, or what is made for it alone.
EDGE = (
    "aws:cloudfront/",
    "aws:cloudwatch/logDelivery",
    "taskflow:ingress:AccessLogs",
    "taskflow:ingress:AssetsBucket",
    "taskflow:ingress:CloudFrontWebAcl",
    "taskflow:ingress:EdgeStack",
    "taskflow:ingress:DnsRecords",
)


def test_nothing_of_the_edge_is_in_drs_plan(both: Both) -> None:
    """A fail-over is when production's region is lost: dr neither has nor needs what stands there."""
    production = {p.type for p in both["production"].preview.planned if p.type.startswith(EDGE)}
    assert {type_ for type_ in production if type_.startswith("aws:")} == {
        "aws:cloudfront/cachePolicy:CachePolicy",
        "aws:cloudfront/distribution:Distribution",
        "aws:cloudfront/function:Function",
        "aws:cloudfront/monitoringSubscription:MonitoringSubscription",
        "aws:cloudfront/originAccessControl:OriginAccessControl",
        "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
        "aws:cloudwatch/logDelivery:LogDelivery",
        "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination",
        "aws:cloudwatch/logDeliverySource:LogDeliverySource",
    }
    assert len(production) == 9 + sum(each.startswith("taskflow:") for each in EDGE)
    assert not [p.urn for p in both["dr"].preview.planned if p.type.startswith(EDGE)]
    scopes = {str(p.inputs["scope"]) for p in both["dr"].preview.planned if p.type == "aws:wafv2/webAcl:WebAcl"}
    assert scopes == {"REGIONAL"}


def test_each_stack_makes_its_own_names_and_no_other(both: Both) -> None:
    """Both write to one zone: what two of them made would be fought over."""
    names = {
        stack: {(str(p.inputs["name"]), str(p.inputs["type"])) for p in life.preview.planned if _is_named(p)}
        for stack, life in both.items()
    }
    assert names == {
        "production": {
            ("taskflow.app", "A"),
            ("taskflow.app", "AAAA"),
            ("taskflow.app", "CAA"),
            ("api.taskflow.app", "A"),
            ("api.taskflow.app", "AAAA"),
            ("origin.taskflow.app", "CNAME"),
        },
        "dr": {("origin.taskflow.app", "CNAME"), ("standby.taskflow.app", "CNAME")},
    }
    halves = {
        stack: [p.inputs["setIdentifier"] for p in life.preview.planned if p.inputs.get("setIdentifier")]
        for stack, life in both.items()
    }
    assert halves == {"production": ["primary"], "dr": ["secondary"]}, "one pair, a half from each"


def _is_named(planned: Planned) -> bool:
    """Whether it is a record whose name is known beforehand: those for certificates AWS thinks of."""
    return planned.type == RECORD and "taskflow.app" in str(planned.inputs.get("name"))


def test_the_checks_of_the_load_balancers_move_nothing(both: Both) -> None:
    """One record in both stacks depends on a health check: the pair's first half."""
    asking = [
        (stack, p.name)
        for stack, life in both.items()
        for p in life.preview.planned
        if p.type == RECORD and p.inputs.get("healthCheckId")
    ]
    assert asking == [("production", "origin-failover-origin")]
