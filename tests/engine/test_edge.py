"""Production owns the edge; dr owns its record of the origin's failover pair."""

import pytest

from tests.engine.both import BothStacks
from tests.engine.support import Planned

pytestmark = pytest.mark.xdist_group("both-stacks")

RECORD = "aws:route53/record:Record"
# Types that exist for CloudFront only.
EDGE_TYPES = (
    "aws:cloudfront/",
    "aws:cloudwatch/logDelivery",
    "taskflow:ingress:AccessLogs",
    "taskflow:ingress:AssetsBucket",
    "taskflow:ingress:CloudFrontWebAcl",
    "taskflow:ingress:EdgeStack",
    "taskflow:ingress:DnsRecords",
)


def test_dr_has_no_edge(both: BothStacks) -> None:
    """A failover happens while production's region is lost: dr must not depend on anything there."""
    production = {p.type for p in both["production"].preview.planned if p.type.startswith(EDGE_TYPES)}
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
    assert len(production) == 9 + sum(each.startswith("taskflow:") for each in EDGE_TYPES)
    assert not [p.urn for p in both["dr"].preview.planned if p.type.startswith(EDGE_TYPES)]
    scopes = {str(p.inputs["scope"]) for p in both["dr"].preview.planned if p.type == "aws:wafv2/webAcl:WebAcl"}
    assert scopes == {"REGIONAL"}


def test_no_record_belongs_to_two_stacks(both: BothStacks) -> None:
    """Both stacks write to one hosted zone, and would overwrite a record that both own."""
    names = {
        stack: {(str(p.inputs["name"]), str(p.inputs["type"])) for p in life.preview.planned if _is_record_of_domain(p)}
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
    set_identifiers = {
        stack: [p.inputs["setIdentifier"] for p in life.preview.planned if p.inputs.get("setIdentifier")]
        for stack, life in both.items()
    }
    assert set_identifiers == {"production": ["primary"], "dr": ["secondary"]}, "one pair, a record from each stack"


def _is_record_of_domain(planned: Planned) -> bool:
    """Exclude the certificates' validation records: ACM chooses their names."""
    return planned.type == RECORD and "taskflow.app" in str(planned.inputs.get("name"))


def test_only_the_primary_record_depends_on_a_health_check(both: BothStacks) -> None:
    dependent = [
        (stack, p.name)
        for stack, life in both.items()
        for p in life.preview.planned
        if p.type == RECORD and p.inputs.get("healthCheckId")
    ]
    assert dependent == [("production", "origin-failover-origin")]
