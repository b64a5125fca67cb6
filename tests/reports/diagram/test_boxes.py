"""The boxes, figures and arrows are what the resources say: each one goes or changes with its resource."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from reports.diagram.architecture import draw_architecture
from reports.diagram.failover import read_failover
from reports.diagram.kinds import DRAWN, NOT_DRAWN
from reports.diagram.model import Box, Diagram
from reports.diagram.reading import kind
from reports.diagram.stacks import read_architecture
from reports.states import State
from tests.engine.both import BothStacks
from tests.reports.diagram.changed_states import during_cutover, promoted, states_of, with_inputs, without

Stacks = tuple[State, State]

pytestmark = pytest.mark.xdist_group("both-stacks")

# Resources of drawn types that no box, container or arrow is read from, by kind and the end of the name.
UNDRAWN: Mapping[str, Sequence[str]] = {
    # Proof for a certificate's issuer, not a way of requests.
    "route53/record": ("-validation", "-caa"),
    # What alarms watch; the one that moves the origin is drawn.
    "route53/healthCheck": ("-health", "-latch"),
    # What is drawn of a rule is its header, or that it is the latch.
    "lb/listenerRule": ("origin-health",),
    # Drawn where the picture says how long files are kept.
    "s3/bucketVersioning": ("-archive", "-config", "-logs", "restores"),
    "s3/bucketLifecycleConfiguration": ("-archive", "-config", "-logs", "restores"),
    # The other half of a rule that lets in, and the ways through endpoints, which have arrows of their own.
    "vpc/securityGroupEgressRule": ("-to-service", "-to-database", "-to-cache", "-to-endpoints", "-to-s3"),
    # Drawn in the name of its port.
    "vpc/securityGroupIngressRule": ("-from-internet",),
}


@pytest.fixture(scope="module")
def stacks(both: BothStacks) -> Stacks:
    """Return the states of production and dr."""
    return states_of(both)


def _read(state: State) -> Diagram:
    return read_architecture(state, "picture")


def _sources(diagram: Diagram) -> set[str]:
    return {urn for of in (diagram.boxes, diagram.containers, diagram.arrows) for each in of for urn in each.sources}


def _is_gone(rest: Diagram, box: Box) -> bool:
    """Return whether box and arrows are gone; what tasks are told to use may stay, as another stack's."""
    if other := rest.by_id.get(box.id):
        return other.is_external and not box.is_external
    return not [arrow for arrow in rest.arrows if box.id in (arrow.source, arrow.target)]


def test_every_resource_of_a_drawn_type_is_drawn(stacks: Stacks) -> None:
    for state in stacks:
        drawn = _sources(_read(state))
        missing = [
            f"{kind(resource)} {resource.name}"
            for resource in state.resources
            if kind(resource) in DRAWN
            and resource.urn not in drawn
            and not resource.name.endswith(tuple(UNDRAWN.get(kind(resource), ["(none)"])))
        ]
        assert not missing


def test_the_tables_list_each_type_of_both_stacks_once(stacks: Stacks) -> None:
    kinds = {kind(r) for state in stacks for r in state.resources if not r.is_component}
    assert not set(DRAWN) & set(NOT_DRAWN)
    assert kinds == set(DRAWN) | set(NOT_DRAWN)


def test_unlisted_types_are_an_error_all_at_once(stacks: Stacks, monkeypatch: pytest.MonkeyPatch) -> None:
    production, dr = stacks
    monkeypatch.delitem(DRAWN, "rds/instance")  # type: ignore[arg-type]
    monkeypatch.delitem(NOT_DRAWN, "iam/role")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"neither show nor leave out on purpose: iam/role, rds/instance"):
        _read(production)
    with pytest.raises(ValueError, match="rds/instance"):
        read_failover(production, dr, "failover")


def test_a_box_goes_with_its_resources(stacks: Stacks) -> None:
    for state in stacks:
        diagram = _read(state)
        for box in diagram.boxes:
            assert box.sources, f"{box.id} stands for nothing"
            assert _is_gone(_read(without(state, box.sources)), box), box.id


def test_an_arrow_goes_with_its_rule(stacks: Stacks) -> None:
    for state in stacks:
        for arrow in _read(state).arrows:
            if arrow.sources:
                rest = _read(without(state, arrow.sources))
                assert rest.arrow(arrow.source, arrow.target) is None, arrow.id


def test_the_arrows_are_those_of_the_document(stacks: Stacks) -> None:
    """Users to CloudFront to the web ACL to both nodes, each zone's tasks to the primary and to their own Redis."""
    production, _ = stacks
    diagram = _read(production)
    chain = ["users", "cdn-api.taskflow.app", "web-acl", "name-origin.taskflow.app"]
    wanted = [*itertools.pairwise(chain)]
    wanted += [("name-origin.taskflow.app", f"alb-{zone}") for zone in (1, 2)]
    wanted += [(f"alb-{zone}", f"tasks-{zone}") for zone in (1, 2)]
    wanted += [(f"tasks-{zone}", "database") for zone in (1, 2)]
    wanted += [(f"tasks-{zone}", f"cache-{zone}") for zone in (1, 2)]
    assert all(diagram.arrow(*ends) for ends in wanted)
    assert diagram.arrow("tasks-1", "cache-2") is None
    standby = diagram.arrow("database", "database-standby")
    assert standby
    assert standby.kind == "copy"


# Kind and name of a resource of production, another value, and the box with what it says then.
FIGURES: Sequence[tuple[str, str, Mapping[str, object], str, str]] = (
    ("rds/instance", "database-taskflow-production", {"instanceClass": "db.r6g.xlarge"}, "database", "db.r6g.xlarge"),
    ("rds/instance", "database-taskflow-production", {"allocatedStorage": 300}, "database", "300 GB gp3"),
    ("rds/instance", "database-taskflow-production", {"engineVersion": "16"}, "database", "PostgreSQL 16"),
    ("rds/instance", "database-taskflow-production", {"backupRetentionPeriod": 7}, "database", "backups 7 days"),
    ("elasticache/replicationGroup", "cache", {"numNodeGroups": 3}, "cache-1", "3 of 6 nodes"),
    ("elasticache/replicationGroup", "cache", {"nodeType": "cache.r6g.xlarge"}, "cache-2", "cache.r6g.xlarge"),
    ("ecs/service", "service", {"desiredCount": 6}, "tasks-1", "3 of 6 tasks"),
    ("ecs/service", "service", {"desiredCount": 5}, "tasks-2", "5 in all zones"),
    ("ecs/taskDefinition", "service", {"cpu": "512"}, "tasks-1", "0.5 vCPU, 2 GB"),
    ("appautoscaling/target", "service", {"maxCapacity": 30}, "tasks-2", "scaled 2 to 30"),
    ("lb/listener", "origin", {"port": 8443}, "alb-1", "HTTPS 8443"),
    ("sqs/queue", "jobs", {"messageRetentionSeconds": 86400}, "jobs", "kept 1 days"),
    ("wafv2/webAcl", "edge-web-acl", {"rules": ["only one"]}, "web-acl", "1 rules"),
)


@pytest.mark.parametrize(("of", "name", "inputs", "box", "figure"), FIGURES, ids=[row[4] for row in FIGURES])
def test_a_figure_changes_with_its_resource(
    stacks: Stacks, of: str, name: str, inputs: Mapping[str, object], box: str, figure: str
) -> None:
    production, _ = stacks
    assert figure not in _read(production).by_id[box].figures
    assert figure in _read(with_inputs(production, of, name, inputs)).by_id[box].figures


def test_a_port_and_an_address_range_are_the_resources(stacks: Stacks) -> None:
    production, _ = stacks
    ports = {"fromPort": 6432, "toPort": 6432}
    rule = with_inputs(production, "vpc/securityGroupIngressRule", "network-database-from-service", ports)
    arrow = _read(rule).arrow("tasks-1", "database")
    assert arrow
    assert arrow.label == "6432"
    subnet = with_inputs(production, "ec2/subnet", "taskflow-production-data-2", {"cidrBlock": "10.20.9.0/24"})
    assert _read(subnet).container["data-2"].title == "data 10.20.9.0/24"


def test_a_database_in_one_zone_has_no_standby(stacks: Stacks) -> None:
    production, _ = stacks
    diagram = _read(with_inputs(production, "rds/instance", "database-taskflow-production", {"multiAz": False}))
    assert diagram.by_id["database"].place == "data-across"
    assert "database-standby" not in diagram.by_id


def test_a_restored_instance_is_beside_the_apis_database(stacks: Stacks) -> None:
    """The first database is the one that the API is told to use."""
    production, _ = stacks
    diagram = _read(during_cutover(production))
    assert diagram.by_id["database"].sources[0].endswith("database-taskflow-production")
    assert diagram.by_id["database-2"].title == "taskflow-restored"


def test_what_has_no_place_is_an_error(stacks: Stacks) -> None:
    production, _ = stacks
    diagram = _read(production)
    third = with_inputs(production, "ec2/subnet", "taskflow-production-data-2", {"availabilityZone": "us-east-1c"})
    with pytest.raises(ValueError, match="room for 2 zones, and the state has 3"):
        draw_architecture(_read(third))
    elsewhere = Box(id="new", icon="rds", title="New", place="nowhere")
    with pytest.raises(ValueError, match="boxes without a place in the picture: new"):
        draw_architecture(replace(diagram, boxes=[*diagram.boxes, elsewhere]))


def test_a_latch_that_is_on_takes_the_traffic(stacks: Stacks) -> None:
    """dr's picture then has no way that waits for a failover."""
    _, dr = stacks
    before, after = _read(dr), _read(promoted(dr))
    assert "after" in {arrow.kind for arrow in before.arrows}
    assert "after" not in {arrow.kind for arrow in after.arrows}
    assert "answers 200: takes the traffic" in after.by_id["latch"].figures


def test_the_failover_is_read_from_both_stacks(stacks: Stacks) -> None:
    production, dr = stacks
    diagram = read_failover(production, dr, "failover")
    for box in diagram.boxes:
        rest = read_failover(without(production, box.sources), without(dr, box.sources), "failover")
        assert _is_gone(rest, box), box.id
    both_ways = {("files", "files-copy"), ("files-copy", "files")}
    assert both_ways <= {(arrow.source, arrow.target) for arrow in diagram.arrows if arrow.kind == "copy"}
    replica = diagram.arrow("database", "dr-database")
    assert replica
    assert replica.kind == "copy"


def test_the_times_of_a_failover_are_those_of_its_resources(stacks: Stacks) -> None:
    production, dr = stacks
    slower = with_inputs(production, "route53/healthCheck", "origin-failover-switch", {"requestInterval": 30})
    slower = with_inputs(slower, "route53/record", "origin-failover-origin", {"ttl": 300})
    steps = " ".join(read_failover(slower, dr, "failover").by_id["steps"].figures)
    assert "after 90 s" in steps
    assert "for 300 s at most" in steps


def test_an_encrypted_secret_is_an_error(stacks: Stacks) -> None:
    """CloudFront's origins are a secret: they have the header that the load balancer asks for."""
    production, _ = stacks
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:…"}
    with pytest.raises(ValueError, match="export it with `--show-secrets`"):
        _read(with_inputs(production, "cloudfront/distribution", "edge-web", {"origins": secret}))
