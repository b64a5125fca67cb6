"""The stand-in providers: one gRPC server that answers the engine for aws, awsx and random.

Run as `python -m sandbox.server [WORLD_FILE]`:
- It prints its addresses (`aws:PORT,awsx:PORT,random:PORT`).
- For each line of standard input it saves the world's file and prints `saved`.
- When standard input closes it prints the coverage of AWS's models (`models JSON`) and its processor seconds
  (`cpu START_UP TOTAL`), and ends.

One process serves all packages and stacks. It imports no SDK: an import takes longer than all answers together.
"""

import functools
import hashlib
import importlib.metadata
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent import futures
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from sandbox import shapes
from sandbox.construct import Monitor
from sandbox.diff import differences, is_deleted_first
from sandbox.kinds.table import KINDS
from sandbox.service_models import check as service_models
from sandbox.service_models.coverage import Coverage
from sandbox.service_models.models import ModelError
from sandbox.service_models.operations import MissingRowError
from sandbox.structs import to_python, to_struct
from sandbox.values import Value
from sandbox.vpc.inputs import ComponentError
from sandbox.vpc.vpc import construct
from sandbox.world import AwsError, Provider, World, region_of, zones_of

PACKAGES = {"aws": "pulumi-aws", "awsx": "pulumi-awsx", "random": "pulumi-random"}
THREADS = 64
MAX_MESSAGE_SIZE = 1 << 28
Call = ParamSpec("Call")
Response = TypeVar("Response")


def report_errors(handler: Callable[Call, Response]) -> Callable[Call, Response]:
    """Convert errors of AWS, the SDK's types or the models to a gRPC status, which the engine shows."""

    @functools.wraps(handler)
    def answer(*args: Call.args, **kwargs: Call.kwargs) -> Response:
        try:
            return handler(*args, **kwargs)
        except (AwsError, ComponentError, shapes.UnknownTypeError, MissingRowError, ModelError) as error:
            context = cast("grpc.ServicerContext", args[-1])
            context.abort(grpc.StatusCode.UNKNOWN, str(error))

    return answer


@dataclass(kw_only=True)
class SharedState:
    """The state that all packages share: the world, the engine's address, and each stack's aws configuration."""

    world: World
    engine: str = ""
    aws_providers: dict[str, tuple[str, Provider]] = field(default_factory=dict[str, tuple[str, Provider]])
    coverage: Coverage = field(default_factory=Coverage)


class StandIn(provider_pb2_grpc.ResourceProviderServicer):
    """Answer the engine as the providers of aws, awsx and random do; the world holds the resources."""

    def __init__(self, shared: SharedState, package: str) -> None:
        self.shared = shared
        self.world = shared.world
        self.version = importlib.metadata.version(PACKAGES[package])
        # The engine requires secrets support of a component's plugin. For the others it unwraps and rewraps secrets.
        self.accepts_secrets = package == "awsx"

    # The plugin.

    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        """Report support for resource references, and for secrets where the engine requires it."""
        return provider_pb2.ProviderHandshakeResponse(accept_resources=True, accept_secrets=self.accepts_secrets)

    def Attach(self, request: plugin_pb2.PluginAttach, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Begin an operation: reload the world's file, which may have been edited since the last one."""
        if request.address != self.shared.engine:
            self.shared.engine = request.address
            self.shared.aws_providers.clear()
            self.world.reload()
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """Report the installed SDK's version: the engine warns about any other."""
        return plugin_pb2.PluginInfo(version=self.version)

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Do nothing: no call runs long enough to be cancelled."""
        return empty_pb2.Empty()

    # The provider's configuration.

    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Accept a provider's configuration unchanged; Configure checks it."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Report a changed region as a replacement, as the provider does, and any other change as an update."""
        old, new = to_python(request.olds), to_python(request.news)
        changed = [name for name in {*old, *new} if old.get(name) != new.get(name)]
        changes = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=changes, replaces=["region"] if "region" in changed else [])

    @report_errors
    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Store a stack's aws configuration; reject a wrong account, and a second provider that differs."""
        stack, type_, name = _parts(request.urn)
        if type_ == "pulumi:providers:aws":
            provider = _provider(to_python(request.args))
            self.world.check_account(provider)
            first_name, first = self.shared.aws_providers.get(stack, (name, provider))
            if first_name != name and first != provider:
                raise AwsError(f"the stand-in supports one aws provider in a stack; {name} differs from {first_name}")
            self.shared.aws_providers[stack] = (name, provider)
        return provider_pb2.ConfigureResponse(
            supportsPreview=True, acceptResources=True, acceptSecrets=self.accepts_secrets
        )

    def provider(self, urn: str) -> Provider:
        """Return the aws configuration of a resource's stack."""
        return self.shared.aws_providers.get(_parts(urn)[0], ("", Provider()))[1]

    # Look-ups and components.

    @report_errors
    def Invoke(self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:
        """Answer look-ups that need no account; reject all others by name."""
        arguments = to_python(request.args)
        provider = next((p for _, p in reversed(self.shared.aws_providers.values())), Provider())
        region = str(arguments.get("region") or provider.region)
        account = self.world.account_of(provider)
        answers: Mapping[str, Callable[[], dict[str, Value]]] = {
            "aws:index/getAvailabilityZones:getAvailabilityZones": lambda: {
                "id": region, "region": region, "state": "available", "names": list[Value](zones_of(region)),
                "zoneIds": [], "groupNames": [region],
            },
            "aws:index/getRegion:getRegion": lambda: {"id": region, "region": region, "name": region},
            "aws:index/getPartition:getPartition": lambda: {
                "id": "aws", "partition": "aws", "dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws",
            },
            "aws:index/getCallerIdentity:getCallerIdentity": lambda: {
                "id": account, "accountId": account, "userId": "AIDASANDBOX",
                "arn": f"arn:aws:sts::{account}:assumed-role/sandbox/sandbox",
            },
        }  # fmt: skip
        if request.tok not in answers:
            raise AwsError(
                f"the stand-in doesn't support the look-up {request.tok}; build the graph from settings only"
            )
        self.world.check_outage(request.tok, region, "look up")
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(to_struct(answers[request.tok]()))
        return response

    @report_errors
    def Construct(
        self, request: provider_pb2.ConstructRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConstructResponse:
        """Register the children of awsx's Vpc with the engine's monitor."""
        if request.type != "awsx:ec2:Vpc":
            raise ComponentError(f"{request.type}: the stand-in supports only awsx:ec2:Vpc")
        with Monitor(request, self.shared.engine) as monitor:
            outputs = construct(request.name, to_python(request.inputs), monitor)
            return monitor.response(outputs)

    # Resources.

    @report_errors
    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Check inputs against the SDK's types and AWS's models; add the provider's defaults and generated names."""
        _, token, name = _parts(request.urn)
        old, new = to_python(request.olds), to_python(request.news)
        if token not in KINDS:
            raise shapes.UnknownTypeError(f"{token}: the stand-in has no row for this type in sandbox/kinds")
        filled = _with_defaults(token, name, old, new, request.randomSeed)
        # Inputs that violate the SDK's types never reach AWS, so the models check only inputs with valid types.
        violations = [(violation.path, violation.reason) for violation in shapes.check(token, new)]
        if not violations:
            result = service_models.check(token, filled)
            self.shared.coverage.add(request.urn, token, result)
            violations = [(violation.path, violation.reason) for violation in result.violations]
        # No failure has a property: the engine would print its value, which may be a secret.
        failures = [provider_pb2.CheckFailure(reason=f"{path}: {reason}") for path, reason in violations]
        return provider_pb2.CheckResponse(inputs=to_struct(filled), failures=failures)

    @report_errors
    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Compare inputs; sandbox/replacements has the properties that replace."""
        token = _parts(request.urn)[1]
        new = to_python(request.news)
        found = differences(token, to_python(request.old_inputs), new)
        kinds = provider_pb2.PropertyDiff.Kind
        detailed = {
            d.path: provider_pb2.PropertyDiff(
                kind=kinds.Value(d.change.upper() + ("_REPLACE" if d.replaces else "")), inputDiff=True
            )
            for d in found
        }
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if found else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=[d.path for d in found],
            replaces=[d.path for d in found if d.replaces],
            detailedDiff=detailed,
            hasDetailedDiff=True,
            deleteBeforeReplace=is_deleted_first(token, found, new),
        )

    @report_errors
    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        """Create a resource; a preview omits the id and computed outputs, so that they stay unknown."""
        token, inputs = _parts(request.urn)[1], to_python(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=to_struct(_visible(inputs)))
        resource = self.world.create(token, request.urn, _visible(inputs), self.provider(request.urn))
        return provider_pb2.CreateResponse(id=resource.id, properties=to_struct(resource.outputs))

    @report_errors
    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        """Describe a resource, for a refresh or an import; return nothing if it doesn't exist."""
        token = _parts(request.urn)[1]
        old = to_python(request.properties)
        region = region_of(KINDS[token], {"region": old.get("region")}, self.provider(request.urn))
        self.world.check_outage(token, region, "read")
        # Without a former state it is an import.
        is_import = not old
        find = self.world.find_import if is_import else self.world.find
        resource = find(token, region, request.id)
        if resource is None:
            return provider_pb2.ReadResponse()
        internal = {k: v for k, v in to_python(request.inputs).items() if k.startswith("__")}
        inputs = {name: resource.outputs.get(name) for name in resource.inputs}
        outputs = resource.outputs
        if is_import:
            inputs, outputs = (_imported(token, each) for each in (inputs, outputs))
        return provider_pb2.ReadResponse(
            id=resource.id, properties=to_struct(outputs), inputs=to_struct({**internal, **inputs})
        )

    @report_errors
    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        """Update a resource in place; computed outputs stay."""
        token, new = _parts(request.urn)[1], _visible(to_python(request.news))
        old = to_python(request.olds)
        if request.preview:
            removed = to_python(request.old_inputs).keys() - new.keys()
            kept = {k: v for k, v in old.items() if k not in removed}
            return provider_pb2.UpdateResponse(properties=to_struct({**kept, **new}))
        provider = self.provider(request.urn)
        region = region_of(KINDS[token], {"region": old.get("region")}, provider)
        resource = self.world.find(token, region, request.id)
        if resource is None:
            raise AwsError(f"{token} {request.id} does not exist")
        return provider_pb2.UpdateResponse(properties=to_struct(self.world.update(resource, new, provider).outputs))

    @report_errors
    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Delete a resource; a missing one is no error."""
        token, old = _parts(request.urn)[1], to_python(request.properties)
        region = region_of(KINDS[token], {"region": old.get("region")}, self.provider(request.urn))
        self.world.delete(token, region, request.id, old.get("arn"))
        return empty_pb2.Empty()


def _parts(urn: str) -> tuple[str, str, str]:
    """Return the stack, the type without its parents' types, and the name of a URN."""
    stack, _, type_, name = urn.split("::", 3)
    return stack.removeprefix("urn:pulumi:"), type_.rsplit("$", 1)[-1], name


def _provider(arguments: Mapping[str, Value]) -> Provider:
    accounts = _decoded(arguments.get("allowedAccountIds"))
    defaults = _decoded(arguments.get("defaultTags"))
    tags = _decoded(defaults.get("tags")) if isinstance(defaults, dict) else None
    return Provider(
        region=str(arguments.get("region") or "us-east-1"),
        allowed_accounts=tuple(str(a) for a in accounts) if isinstance(accounts, list) else (),
        default_tags={k: str(v) for k, v in tags.items()} if isinstance(tags, dict) else {},
    )


def _decoded(value: Value) -> Value:
    """Return a nested value of a provider's configuration, which the engine sends as a JSON string."""
    return json.loads(value) if isinstance(value, str) else value


def _imported(token: str, properties: Mapping[str, Value]) -> dict[str, Value]:
    """Return properties as an import reads them: what AWS doesn't return has the importer's value, or none."""
    values = {**properties, **KINDS[token].import_values}
    return {name: value for name, value in values.items() if value is not None}


def _visible(inputs: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in inputs.items() if not name.startswith("__")}


def _with_defaults(
    token: str, name: str, old: Mapping[str, Value], new: Mapping[str, Value], seed: bytes
) -> dict[str, Value]:
    """Add the bridged provider's defaults, and list the properties in `__defaults` as it does."""
    kind = KINDS[token]
    filled = dict(new)
    defaults = [p for p in kind.provider_defaults if new.get(p) is None]
    filled.update({p: kind.provider_defaults[p] for p in defaults})
    if kind.autoname and new.get(kind.autoname) is None:
        defaults.append(kind.autoname)
        old_defaults = old.get("__defaults")
        kept = old.get(kind.autoname) if isinstance(old_defaults, list) and kind.autoname in old_defaults else None
        suffix = hashlib.sha256(seed or name.encode()).hexdigest()[:7]
        filled[kind.autoname] = kept or f"{name[: kind.autoname_max - 8]}-{suffix}"
    filled["__defaults"] = list[Value](sorted(defaults))
    return filled


def serve(arguments: Sequence[str]) -> None:
    """Serve until standard input closes."""
    account = SharedState(world=World(Path(arguments[0]) if arguments else None))
    threads = futures.ThreadPoolExecutor(max_workers=THREADS)
    ports: dict[str, int] = {}
    servers: list[grpc.Server] = []
    for package in PACKAGES:
        server = grpc.server(threads, options=[("grpc.max_receive_message_length", MAX_MESSAGE_SIZE)])
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(StandIn(account, package), server)
        ports[package] = server.add_insecure_port("127.0.0.1:0")
        server.start()
        servers.append(server)
    start_up = time.process_time()
    sys.stdout.write(",".join(f"{package}:{port}" for package, port in ports.items()) + "\n")
    sys.stdout.flush()
    for _ in sys.stdin:
        account.world.save()
        sys.stdout.write("saved\n")
        sys.stdout.flush()
    for server in servers:
        server.stop(grace=None)
    sys.stdout.write(f"models {account.coverage.as_json()}\n")
    sys.stdout.write(f"cpu {start_up:.3f} {time.process_time():.3f}\n")


if __name__ == "__main__":
    serve(sys.argv[1:])
