"""The stand-in providers: one gRPC server that answers the engine for aws, awsx and random.

Run as `python -m sandbox.server [WORLD_FILE]`: it prints where it serves (`aws:PORT,awsx:PORT,random:PORT`), saves the
world's file and prints `saved` for each line of its standard input, serves until that closes, and then prints what it
held to AWS's models (`models JSON`) and the processor seconds it took (`cpu START_UP TOTAL`). It is one
standing process for every package and stack, and imports no SDK module, because an import costs more than all its
answers together.
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
from sandbox.diff import delete_first, differences
from sandbox.kinds.table import KINDS
from sandbox.service_models import check as service_models
from sandbox.service_models.coverage import Coverage
from sandbox.service_models.models import ModelError
from sandbox.service_models.operations import NoRowError
from sandbox.structs import to_python, to_struct
from sandbox.values import Value
from sandbox.vpc.vpc import Refused, construct
from sandbox.world import AwsError, Provider, World, region_of, zones_of

PACKAGES = {"aws": "pulumi-aws", "awsx": "pulumi-awsx", "random": "pulumi-random"}
THREADS = 64
LARGEST_MESSAGE = 1 << 28
Call = ParamSpec("Call")
Response = TypeVar("Response")


def answers(handler: Callable[Call, Response]) -> Callable[Call, Response]:
    """Turn what AWS or the SDK's types refuse into the status that the engine shows as the provider's error."""

    @functools.wraps(handler)
    def answer(*args: Call.args, **kwargs: Call.kwargs) -> Response:
        try:
            return handler(*args, **kwargs)
        except (AwsError, Refused, shapes.UnknownTypeError, NoRowError, ModelError) as refusal:
            context = cast("grpc.ServicerContext", args[-1])
            context.abort(grpc.StatusCode.UNKNOWN, str(refusal))

    return answer


@dataclass(kw_only=True)
class Account:
    """What every package's stand-in shares: the world, the engine's address, and each stack's configuration of aws."""

    world: World
    engine: str = ""
    configured: dict[str, tuple[str, Provider]] = field(default_factory=dict[str, tuple[str, Provider]])
    coverage: Coverage = field(default_factory=Coverage)


class Providers(provider_pb2_grpc.ResourceProviderServicer):
    """Answers the engine as the providers of aws, awsx and random would; what they make lives in the world."""

    def __init__(self, account: Account, package: str) -> None:
        self.account = account
        self.world = account.world
        self.version = importlib.metadata.version(PACKAGES[package])
        # The engine wants a component's plugin to take secrets; the others get them opened, and marked again after.
        self.takes_secrets = package == "awsx"

    # The plugin's side.

    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        """Say what the stand-in understands: resource references, and secrets where the engine insists."""
        return provider_pb2.ProviderHandshakeResponse(accept_resources=True, accept_secrets=self.takes_secrets)

    def Attach(self, request: plugin_pb2.PluginAttach, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Take note that another operation begins: the world's file may have been edited since the last one."""
        if request.address != self.account.engine:
            self.account.engine = request.address
            self.account.configured.clear()
            self.world.reload()
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """Claim the version of the SDK that is installed: the engine warns of any other."""
        return plugin_pb2.PluginInfo(version=self.version)

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Nothing runs for long enough to be cancelled."""
        return empty_pb2.Empty()

    # A provider's configuration.

    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Accept a provider's configuration as it is; Configure judges it."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Report a changed region as a replacement, as the provider does; any other change in place."""
        old, new = to_python(request.olds), to_python(request.news)
        changed = [k for k in {*old, *new} if old.get(k) != new.get(k)]
        some = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=some, replaces=["region"] if "region" in changed else [])

    @answers
    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Take a stack's configuration of aws; refuse the wrong account, and a second, differing provider."""
        stack, type_, name = _parts(request.urn)
        if type_ == "pulumi:providers:aws":
            provider = _provider(to_python(request.args))
            self.world.check_account(provider)
            known_name, known = self.account.configured.get(stack, (name, provider))
            if known_name != name and known != provider:
                raise AwsError(f"the stand-in knows one aws provider in a stack; {name} differs from {known_name}")
            self.account.configured[stack] = (name, provider)
        return provider_pb2.ConfigureResponse(
            supportsPreview=True, acceptResources=True, acceptSecrets=self.takes_secrets
        )

    def provider(self, urn: str) -> Provider:
        """Give the configuration that the resource's stack has for aws."""
        return self.account.configured.get(_parts(urn)[0], ("", Provider()))[1]

    # Look-ups and components.

    @answers
    def Invoke(self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:
        """Answer the look-ups whose answers need no account; refuse the others by name."""
        arguments = to_python(request.args)
        provider = next((p for _, p in reversed(self.account.configured.values())), Provider())
        region = str(arguments.get("region") or provider.region)
        account = self.world.account_of(provider)
        known: Mapping[str, Callable[[], dict[str, Value]]] = {
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
        if request.tok not in known:
            raise AwsError(
                f"the stand-in answers no look-up {request.tok}; the graph is to be built from settings alone"
            )
        self.world.reach(request.tok, region, "look up")
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(to_struct(known[request.tok]()))
        return response

    @answers
    def Construct(
        self, request: provider_pb2.ConstructRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConstructResponse:
        """Register what awsx's Vpc registers, through the engine's own monitor."""
        if request.type != "awsx:ec2:Vpc":
            raise Refused(f"{request.type}: of awsx, the stand-in builds ec2.Vpc alone")
        with Monitor(request, self.account.engine) as monitor:
            outputs = construct(request.name, to_python(request.inputs), monitor)
            return monitor.response(outputs)

    # A resource's life.

    @answers
    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Judge inputs by the SDK's types and AWS's models; fill in the provider's defaults and generated names."""
        _, token, name = _parts(request.urn)
        old, new = to_python(request.olds), to_python(request.news)
        if token not in KINDS:
            raise shapes.UnknownTypeError(f"{token}: the stand-in has no row for this type in sandbox/kinds")
        filled = _with_defaults(token, name, old, new, request.randomSeed)
        # What the SDK's types refuse doesn't reach AWS: its models are asked about the rest.
        refused = [(f.path, f.reason) for f in shapes.check(token, new)]
        if not refused:
            checked = service_models.check(token, filled)
            self.account.coverage.add(request.urn, token, checked)
            refused = [(v.path, v.reason) for v in checked.violations]
        # No failure names its property to the engine, which would print the value beside it, a secret's too.
        failures = [provider_pb2.CheckFailure(reason=f"{path}: {why}") for path, why in refused]
        return provider_pb2.CheckResponse(inputs=to_struct(filled), failures=failures)

    @answers
    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Compare inputs in detail; the table says which properties replace."""
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
            deleteBeforeReplace=delete_first(token, found, new),
        )

    @answers
    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        """Make it; in a preview leave the id and all that AWS computes out, so that they stay unknown."""
        token, inputs = _parts(request.urn)[1], to_python(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=to_struct(_visible(inputs)))
        thing = self.world.create(token, request.urn, _visible(inputs), self.provider(request.urn))
        return provider_pb2.CreateResponse(id=thing.id, properties=to_struct(thing.outputs))

    @answers
    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        """Describe what exists now, for a refresh or an import; nothing when it is gone."""
        token = _parts(request.urn)[1]
        old = to_python(request.properties)
        region = region_of(KINDS[token], {"region": old.get("region")}, self.provider(request.urn))
        self.world.reach(token, region, "read")
        thing = self.world.find(token, region, request.id)
        if thing is None:
            return provider_pb2.ReadResponse()
        marks = {k: v for k, v in to_python(request.inputs).items() if k.startswith("__")}
        now = {k: thing.outputs.get(k) for k in thing.inputs}
        return provider_pb2.ReadResponse(
            id=thing.id, properties=to_struct(thing.outputs), inputs=to_struct({**marks, **now})
        )

    @answers
    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        """Change it in place; what was computed once stays."""
        token, new = _parts(request.urn)[1], _visible(to_python(request.news))
        old = to_python(request.olds)
        if request.preview:
            gone = to_python(request.old_inputs).keys() - new.keys()
            kept = {k: v for k, v in old.items() if k not in gone}
            return provider_pb2.UpdateResponse(properties=to_struct({**kept, **new}))
        provider = self.provider(request.urn)
        region = region_of(KINDS[token], {"region": old.get("region")}, provider)
        thing = self.world.find(token, region, request.id)
        if thing is None:
            raise AwsError(f"{token} {request.id} does not exist")
        return provider_pb2.UpdateResponse(properties=to_struct(self.world.update(thing, new, provider).outputs))

    @answers
    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Delete it; what is gone already is no error."""
        token, old = _parts(request.urn)[1], to_python(request.properties)
        region = region_of(KINDS[token], {"region": old.get("region")}, self.provider(request.urn))
        self.world.delete(token, region, request.id)
        return empty_pb2.Empty()


def _parts(urn: str) -> tuple[str, str, str]:
    """Give a URN's stack, its type without the parents' types, and its name."""
    place, _, type_, name = urn.split("::", 3)
    return place.removeprefix("urn:pulumi:"), type_.rsplit("$", 1)[-1], name


def _provider(arguments: Mapping[str, Value]) -> Provider:
    accounts = _opened(arguments.get("allowedAccountIds"))
    defaults = _opened(arguments.get("defaultTags"))
    tags = _opened(defaults.get("tags")) if isinstance(defaults, dict) else None
    return Provider(
        region=str(arguments.get("region") or "us-east-1"),
        allowed_accounts=tuple(str(a) for a in accounts) if isinstance(accounts, list) else (),
        default_tags={k: str(v) for k, v in tags.items()} if isinstance(tags, dict) else {},
    )


def _opened(value: Value) -> Value:
    """Give a provider's nested value, which the engine hands over as JSON in a string."""
    return json.loads(value) if isinstance(value, str) else value


def _visible(inputs: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in inputs.items() if not name.startswith("__")}


def _with_defaults(
    token: str, name: str, old: Mapping[str, Value], new: Mapping[str, Value], seed: bytes
) -> dict[str, Value]:
    """Fill in what the bridged provider fills in, and list those properties in `__defaults` as it does."""
    kind = KINDS[token]
    filled = dict(new)
    defaults = [p for p in kind.defaults if new.get(p) is None]
    filled.update({p: kind.defaults[p] for p in defaults})
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
    account = Account(world=World(Path(arguments[0]) if arguments else None))
    threads = futures.ThreadPoolExecutor(max_workers=THREADS)
    ports: dict[str, int] = {}
    servers: list[grpc.Server] = []
    for package in PACKAGES:
        server = grpc.server(threads, options=[("grpc.max_receive_message_length", LARGEST_MESSAGE)])
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(Providers(account, package), server)
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
