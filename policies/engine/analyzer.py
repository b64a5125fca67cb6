"""The pack's server: pulumi-policy's server, but it decodes each request once for all policies that judge it.

The library decodes a request for every policy: with 192 policies and 393 resources that is 5 s of processor time for
0.1 s of judging. tests/policies/test_analyzer.py compares the answers with the library's (docs/decisions/0027).
"""

import functools
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeAlias

import grpc
import pulumi_policy.policy as library
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi_policy import EnforcementLevel, Policy, ReportViolation
from pulumi_policy.deserialize import deserialize_properties
from pulumi_policy.proxy import UnknownValueError

from policies.engine.facts import Resource
from policies.engine.graph import Stack
from policies.engine.policy import ResourceRulePolicy, StackRulePolicy

LibraryServer = library._PolicyAnalyzerServicer  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
Request: TypeAlias = analyzer_pb2.AnalyzeRequest | analyzer_pb2.AnalyzerResource
# The engine reads the pack's version from PulumiPolicy.yaml; this is the library's default.
VERSION = "0.0.1"
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any] | None"
MAX_MESSAGE_BYTES = 400 << 20
Judgement: TypeAlias = tuple[Policy, Callable[[ReportViolation], None]]


def serve(name: str, policies: Sequence[Policy]) -> None:
    """Serve a pack of policies, mandatory as a whole, until the engine ends this process."""
    server, port = start_server(Analyzer(name, VERSION, [*policies], EnforcementLevel.MANDATORY))
    # The engine waits for the port.
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):
        server.wait_for_termination()


def start_server(analyzer: "Analyzer") -> tuple[grpc.Server, int]:
    """Start a server on a free port, with one thread: the engine makes one call at a time."""
    server = grpc.server(
        ThreadPoolExecutor(1),
        interceptors=[WithoutRemediation()],
        options=[("grpc.max_receive_message_length", MAX_MESSAGE_BYTES)],
    )
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(analyzer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


class WithoutRemediation(grpc.ServerInterceptor):
    """Answers Remediate with UNIMPLEMENTED, which the engine takes as no remediation. No rule here remediates."""

    def intercept_service(
        self, continuation: Callable[[grpc.HandlerCallDetails], Handler], handler_call_details: grpc.HandlerCallDetails
    ) -> Handler:
        """Return the handler of a call, or none for Remediate."""
        is_remediation = handler_call_details.method.endswith("/Remediate")
        return None if is_remediation else continuation(handler_call_details)


class Analyzer(LibraryServer):
    """Answers the engine for a pack of rules; the library answers the calls that judge nothing."""

    def __init__(self, name: str, version: str, policies: list[Policy], *arguments: object) -> None:
        super().__init__(name, version, policies, *arguments)  # pyright: ignore[reportArgumentType]
        self._name = name
        self._version = version
        self._resource_policies = [policy for policy in policies if isinstance(policy, ResourceRulePolicy)]
        self._stack_policies = [policy for policy in policies if isinstance(policy, StackRulePolicy)]
        self._covering = functools.cache(self._find_covering)

    def Analyze(self, request: analyzer_pb2.AnalyzeRequest, _context: object) -> analyzer_pb2.AnalyzeResponse:
        """Judge one resource by the policies that cover its type; without any, the request isn't decoded."""
        policies = self._covering(request.type)
        if not policies:
            return analyzer_pb2.AnalyzeResponse()
        resource = _resource(request)
        return self._answer((policy, functools.partial(policy.judge, resource)) for policy in policies)

    def AnalyzeStack(self, request: analyzer_pb2.AnalyzeStackRequest, _context: object) -> analyzer_pb2.AnalyzeResponse:
        """Judge the relations between all resources of a stack."""
        stack = Stack.of_resources(_resources(request.resources))
        return self._answer((policy, functools.partial(policy.judge, stack)) for policy in self._stack_policies)

    def _find_covering(self, type_: str) -> list[ResourceRulePolicy]:
        return [policy for policy in self._resource_policies if policy.rule.covers(type_)]

    def _answer(self, judgements: Iterable[Judgement]) -> analyzer_pb2.AnalyzeResponse:
        response = analyzer_pb2.AnalyzeResponse()
        for policy, judge in judgements:
            level = self._get_enforcement_level(policy)
            if level is EnforcementLevel.DISABLED:
                continue
            if level is EnforcementLevel.REMEDIATE:
                # A pack's configuration may set it; without a remediation it means mandatory.
                level = EnforcementLevel.MANDATORY
            report = self._create_report_violation(response, policy.name, policy.description, level, policy.severity)
            try:
                judge(report)
            except UnknownValueError as unknown:
                response.diagnostics.append(self._advisory(policy, unknown))
        return response

    def _advisory(self, policy: Policy, unknown: UnknownValueError) -> analyzer_pb2.AnalyzeDiagnostic:
        pack = f"{self._name}@v{self._version}"
        return analyzer_pb2.AnalyzeDiagnostic(
            policyName=policy.name,
            policyPackName=self._name,
            policyPackVersion=self._version,
            message=f"can't run policy '{policy.name}' from policy pack '{pack}' during preview: {unknown.message}",
            description=policy.description,
            enforcementLevel=analyzer_pb2.ADVISORY,
        )


def _resources(requests: Iterable[analyzer_pb2.AnalyzerResource]) -> Iterator[Resource]:
    """Return the resources of a stack, each with the resources that its properties depend on."""
    requests = tuple(requests)
    urns = {request.urn for request in requests}
    for request in requests:
        property_urns = {
            name: tuple(urn for urn in dependencies.urns if urn in urns)
            for name, dependencies in request.propertyDependencies.items()
        }
        yield _resource(request, parent=request.parent if request.parent in urns else None, property_urns=property_urns)


def _resource(
    request: Request, parent: str | None = None, property_urns: dict[str, tuple[str, ...]] | None = None
) -> Resource:
    provider = _properties(request.provider.properties) if request.HasField("provider") else None
    return Resource(
        urn=request.urn,
        type=request.type,
        properties=_properties(request.properties),
        protect=request.options.protect,
        parent=parent or request.options.parent or None,
        property_urns=property_urns,
        provider=provider,
    )


def _properties(struct: struct_pb2.Struct) -> dict[str, object]:
    """Return properties as the library passes them to a policy, without its proxies: facts read unknowns directly."""
    return deserialize_properties(json_format.MessageToDict(struct))
