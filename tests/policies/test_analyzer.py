"""The pack's server decodes a request once, and has the same answers as pulumi-policy's server.

A release of the library that changes how it decodes, judges or reports fails here (docs/decisions/0027).
"""

import inspect
import itertools
from collections.abc import Iterator, Sequence
from typing import cast

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi_policy import EnforcementLevel, Policy

from policies.engine.analyzer import Analyzer, LibraryServer, start_server
from policies.pack import policies
from sandbox.__main__ import STACKS
from tests.engine.both import BothStacks
from tests.policies.compliant.stack import compliant
from tests.policies.mutations.index import MUTATIONS
from tests.policies.mutations.mutation import Mutation
from tests.policies.plan import FORMS, Form, Ref
from tests.policies.wire import State, resource_requests, stack_request

PACK = policies()
# All calls of the engine; Analyzer answers the first two itself, and doesn't implement the third.
CALLS = {
    "Analyze", "AnalyzeStack", "Remediate",
    "Cancel", "Configure", "ConfigureStack", "GetAnalyzerInfo", "GetPluginInfo", "Handshake",
}  # fmt: skip


def servers(pack: Sequence[Policy]) -> tuple[Analyzer, LibraryServer]:
    arguments = ("taskflow", "0.0.1", list(pack), EnforcementLevel.MANDATORY)
    return Analyzer(*arguments), LibraryServer(*arguments)


def answers(server: LibraryServer, states: Sequence[State]) -> Iterator[analyzer_pb2.AnalyzeResponse]:
    for request in resource_requests(states):
        yield server.Analyze(request, None)
    yield server.AnalyzeStack(stack_request(states), None)


def assert_same_answers(pack: Sequence[Policy], states: Sequence[State]) -> int:
    """Compare the two servers' answers to all requests about a stack; return the number of diagnostics."""
    ours, librarys = servers(pack)
    pairs = list(zip(answers(ours, states), answers(librarys, states), strict=True))
    for our, its in pairs:
        assert our == its
    return sum(len(our.diagnostics) for our, _ in pairs)


def test_the_library_has_no_new_call() -> None:
    """A release that adds a call needs a review of the library's implementation."""
    assert {name for name, _ in inspect.getmembers(LibraryServer, inspect.isfunction) if name[0].isupper()} == CALLS


def test_the_packs_info_is_the_librarys() -> None:
    ours, librarys = servers(PACK)
    assert ours.GetAnalyzerInfo(empty_pb2.Empty(), None) == librarys.GetAnalyzerInfo(empty_pb2.Empty(), None)


def test_a_remediation_is_not_implemented() -> None:
    """The engine continues after this status."""
    server, port = start_server(servers(PACK)[0])
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = analyzer_pb2_grpc.AnalyzerStub(channel)
        assert stub.GetAnalyzerInfo(empty_pb2.Empty()).name == "taskflow"
        with pytest.raises(grpc.RpcError) as rejected:
            stub.Remediate(analyzer_pb2.AnalyzeRequest())
    server.stop(None)
    assert cast("grpc.Call", rejected.value).code() is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("level", [analyzer_pb2.DISABLED, analyzer_pb2.ADVISORY, analyzer_pb2.REMEDIATE])
def test_levels_of_a_packs_configuration_apply(level: analyzer_pb2.EnforcementLevel.ValueType) -> None:
    plan = compliant()
    plan.set("SecurityGroupIngressRule alb", "cidrIpv4", Ref(to="LogGroup flow-logs"))
    plan.set("SecurityGroupIngressRule database", "fromPort", 5431)
    two = [policy for policy in PACK if policy.name in {"network-open-ingress", "network-ingress-chain"}]
    ours, librarys = servers(two)
    config = analyzer_pb2.PolicyConfig(enforcementLevel=level)
    for server in (ours, librarys):
        server.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig={two[0].name: config}), None)
    states = plan.states("preview")
    for our, its in zip(answers(ours, states), answers(librarys, states), strict=True):
        assert our == its


def test_answers_about_a_few_mutations_are_the_librarys() -> None:
    """Violations, unknown values and secrets; the thorough test below compares all mutations."""
    found = 0
    for mutation in MUTATIONS[::90]:
        plan = compliant(mutation.stacks[0])
        mutation.change(plan)
        plan.set("SecurityGroupIngressRule alb", "cidrIpv4", Ref(to="LogGroup flow-logs"))
        found += assert_same_answers(
            [*policies_of(mutation), *policies_named("network-open-ingress")], plan.states("preview")
        )
    assert found > 2 * len(MUTATIONS[::90])


@pytest.mark.thorough
@pytest.mark.parametrize(("stack", "form"), list(itertools.product(STACKS, FORMS)))
def test_answers_about_a_compliant_stack_are_the_librarys(stack: str, form: Form) -> None:
    assert assert_same_answers(PACK, compliant(stack).states(form)) == 0


@pytest.mark.thorough
@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_answers_about_a_mutation_are_the_librarys(mutation: Mutation) -> None:
    for stack, form in itertools.product(mutation.stacks, FORMS):
        plan = compliant(stack)
        mutation.change(plan)
        assert assert_same_answers(policies_of(mutation), plan.states(form)) > 0


@pytest.mark.thorough
@pytest.mark.xdist_group("both-stacks")
@pytest.mark.parametrize("stack", STACKS)
def test_answers_about_a_created_stack_are_the_librarys(both: BothStacks, stack: str) -> None:
    blank: State = {"propertyDependencies": {}, "inputs": {}, "outputs": {}, "protect": False}
    states = [{**blank, **resource} for resource in both[stack].resources]
    assert assert_same_answers(PACK, states) == 0


def policies_named(*names: str) -> list[Policy]:
    return [policy for policy in PACK if policy.name in names]


def policies_of(mutation: Mutation) -> list[Policy]:
    return policies_named(*(rule for rule, _ in mutation.reported))
