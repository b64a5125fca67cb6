"""Between botocore and the fake world: decodes requests, encodes answers, and makes calls fail on request.

The protocols are JSON, the query protocol of older services, and REST with JSON. Operations of MOTO go on to moto.
"""

import functools
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any, TypeAlias, cast
from urllib.parse import parse_qsl, urlsplit

import boto3
import botocore.session
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from botocore.model import OperationModel, ServiceModel

from operations.frame.aws import Aws
from tests.operations.fake import query, rest
from tests.operations.fake.validate import require_valid

# The services whose requests name the operation in a header, by the header's prefix.
TARGETS: Mapping[str, str] = {
    "AmazonEC2ContainerServiceV20141113": "ecs",
    "AmazonEC2ContainerRegistry_V20150921": "ecr",
    "AmazonSQS": "sqs",
    "AmazonSSM": "ssm",
    "Logs_20140328": "logs",
    "GraniteServiceVersion20100801": "cloudwatch",
    "secretsmanager": "secretsmanager",
    "AmazonAthena": "athena",
    "AnyScaleFrontendService": "application-autoscaling",
    "CertificateManager": "acm",
}
# botocore's events have the service's id, which isn't always its name.
SERVICES = {
    "cloudwatch-logs": "logs",
    "secrets-manager": "secretsmanager",
    "application-auto-scaling": "application-autoscaling",
    "elastic-load-balancing-v2": "elbv2",
    "s3-control": "s3control",
}
# What moto answers; tests/operations/test_assets.py has a contract for each.
MOTO = frozenset({"s3 ListObjectsV2", "s3 PutObject", "cloudfront ListDistributions", "cloudfront CreateInvalidation"})
# What only tests ask of moto, to prepare it and to look.
PREPARATION = frozenset(
    {
        "s3 CreateBucket", "s3 HeadObject", "s3 GetObject", "cloudfront CreateDistribution",
        "cloudfront ListInvalidations", "cloudfront GetInvalidation",
    }
)  # fmt: skip

HOST_REGION = re.compile(r"\b([a-z]{2}-[a-z]+-\d)\b")
Handler = Callable[[Mapping[str, Any]], Mapping[str, Any]]
# Status, content, and headers besides the usual ones.
RawAnswer: TypeAlias = tuple[int, str] | tuple[int, str | bytes, Mapping[str, str]]


class Killed(BaseException):
    """The process died at a call. Nothing that it does afterwards reaches AWS."""


class ServiceError(Exception):
    """An error that AWS answers: the code, the message, the HTTP status."""

    def __init__(self, code: str, message: str = "", status: int = 400, **members: object) -> None:
        super().__init__(code)
        self.code, self.message, self.status, self.members = code, message, status, members


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What happens at the call with this number: `is_after`: AWS has carried it out, the answer is lost."""

    at: int
    error: Callable[[], BaseException]
    is_after: bool = False


@dataclass(kw_only=True)
class Wire:
    """Answers the calls of one session. `calls` are the operations so far: `ecs UpdateService`."""

    handlers: Mapping[str, Handler]
    # Those of other regions.
    others: dict[str, Mapping[str, Handler]] = field(default_factory=dict[str, Mapping[str, Handler]])
    # Regions that don't answer, and what they were asked. A host without a region is a global one, in us-east-1.
    lost: frozenset[str] = frozenset()
    unanswered: list[str] = field(default_factory=list[str])
    fault: Fault | None = None
    calls: list[str] = field(default_factory=list[str])
    requests: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list[tuple[str, Mapping[str, Any]]])
    # The access key that signed each call.
    keys_used: list[str] = field(default_factory=list[str])
    # The objects that were put.
    keys: list[str] = field(default_factory=list[str])
    is_dead: bool = False
    # Denied operations, such as those that a role may not call.
    denied: frozenset[str] = frozenset()
    # Answers in neither JSON nor the query protocol; None leaves a request to moto.
    raw: Mapping[str, Callable[[AWSPreparedRequest], RawAnswer | None]] = field(
        default_factory=dict[str, Callable[[AWSPreparedRequest], "RawAnswer | None"]]
    )

    def restart(self, fault: Fault | None = None) -> None:
        """Begin a new process: from now on the calls of all sessions come here."""
        _CURRENT[:] = [self]
        self.fault, self.is_dead = fault, False
        self.calls.clear()
        self.requests.clear()
        self.keys_used.clear()
        self.keys.clear()

    def answer(self, request: AWSPreparedRequest, event_name: str, region: str) -> AWSResponse:
        """Answer a call in a region."""
        if self.is_dead:
            raise Killed
        service, operation = _operation(request, event_name)
        name = f"{service} {operation.name}"
        if name in PREPARATION and name not in self.raw:
            return _moto()(event_name, request)
        self.calls.append(name)
        self.keys_used.append(_text(request.headers.get("Authorization", "")).partition("Credential=")[2].split("/")[0])
        if self._host_region(request) in self.lost:
            self.unanswered.append(name)
            raise unreachable()
        fault = self.fault if self.fault and self.fault.at == len(self.calls) else None
        if fault and not fault.is_after:
            self._fail(fault)
        if name in self.raw and (answered := self._raw(name, request)):
            if fault:
                self._fail(fault)
            return _response(request, answered[0], answered[1], answered[2] if len(answered) > 2 else None)
        if name in MOTO:
            self.keys += [request.url.partition("?")[0].split("/", 3)[3]] if name == "s3 PutObject" else []
            return _moto()(event_name, request)
        status, body = self._handled(name, operation, _parameters(request, operation), region)
        if fault:
            self._fail(fault)
        is_query = operation.service_model.resolved_protocol == "query"
        content = query.encoded(operation, body) if is_query else json.dumps(_encoded(body))
        return _response(request, status, content)

    def _host_region(self, request: AWSPreparedRequest) -> str:
        """Return the region of a request's host: of a global control plane us-east-1."""
        found = HOST_REGION.search(urlsplit(request.url).netloc)
        return found[1] if found else "us-east-1"

    def _raw(self, name: str, request: AWSPreparedRequest) -> RawAnswer | None:
        if name in self.denied:
            return 403, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
        return self.raw[name](request)

    def _fail(self, fault: Fault) -> None:
        error = fault.error()
        self.is_dead = isinstance(error, Killed)
        raise error

    def _handled(
        self, name: str, operation: OperationModel, parameters: Mapping[str, Any], region: str
    ) -> tuple[int, Mapping[str, Any]]:
        require_valid(operation.input_shape, parameters, f"request {name}")
        self.requests.append((name, parameters))
        try:
            if name in self.denied:
                raise ServiceError("AccessDeniedException", f"not authorized to perform: {name.replace(' ', ':')}")
            answer = self.others.get(region, self.handlers)[name](parameters)
        except ServiceError as error:
            return error.status, {"__type": error.code, "message": error.message, **error.members}
        require_valid(operation.output_shape, answer, f"answer {name}")
        return 200, answer


# The world that answers. Clients take a tenth of a second to make, so all worlds share them.
_CURRENT: list[Wire] = []


@functools.cache
def clients(region: str) -> Aws:
    """Return clients whose calls go to the current world."""
    return clients_of(lambda: _CURRENT[0], region)


def clients_of(wire: Callable[[], Wire], region: str) -> Aws:
    """Return clients whose calls go to a world, each tried once: a fault is to reach the command."""
    core = botocore.session.Session()
    core.set_credentials("AKIAFAKEFAKEFAKEFAKE", "fake", "fake")
    session = boto3.Session(botocore_session=core, region_name=region)

    def answer(request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse:
        return wire().answer(request, event_name, region)

    cast("Any", session.events).register("before-send", answer)
    return Aws(session=session, region=region, config=Config(retries={"mode": "standard", "total_max_attempts": 1}))


@functools.cache
def _moto() -> Callable[[str, AWSPreparedRequest], AWSResponse]:
    """Return moto as a function. Its own handler, which would answer every call, stays off."""
    from moto.core.botocore_stubber import BotocoreStubber

    stubber = BotocoreStubber()
    stubber.enabled = True
    return cast("Callable[[str, AWSPreparedRequest], AWSResponse]", stubber)


def unreachable() -> BaseException:
    """Return the error of a lost network."""
    return EndpointConnectionError(endpoint_url="https://ecs.us-east-1.amazonaws.com")


def _operation(request: AWSPreparedRequest, event_name: str) -> tuple[str, OperationModel]:
    """Return service and operation: botocore's event is `before-send.ecs.UpdateService`."""
    _, id_, operation = event_name.split(".")
    service = SERVICES.get(id_, id_)
    target = request.headers.get("X-Amz-Target")
    if target:
        prefix, _, of_header = _text(target).partition(".")
        assert (TARGETS[prefix], of_header) == (service, operation)
    return service, _model(service).operation_model(operation)


_MODELS: dict[str, ServiceModel] = {}


def _model(service: str) -> ServiceModel:
    if service not in _MODELS:
        _MODELS[service] = botocore.session.get_session().get_service_model(service)
    return _MODELS[service]


def _parameters(request: AWSPreparedRequest, operation: OperationModel) -> Mapping[str, Any]:
    body = _text(request.body or b"")
    if operation.service_model.resolved_protocol == "json":
        return json.loads(body or "{}")
    if operation.service_model.resolved_protocol == "rest-json":
        return rest.decoded(operation, request.url, body)
    return query.decoded(operation.input_shape, dict(parse_qsl(body)))


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _encoded(value: object) -> object:
    """Return a value as JSON has it: times in seconds."""
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, Mapping):
        return {name: _encoded(each) for name, each in cast("Mapping[str, object]", value).items()}
    return [_encoded(each) for each in cast("list[object]", value)] if isinstance(value, list) else value


def _response(
    request: AWSPreparedRequest, status: int, content: str | bytes, more: Mapping[str, str] | None = None
) -> AWSResponse:
    headers = {"x-amzn-RequestId": "fake", "Content-Type": "application/x-amz-json-1.1", **(more or {})}
    raw = BytesIO(content if isinstance(content, bytes) else content.encode())
    cast("Any", raw).stream = lambda: iter([raw.read()])
    return AWSResponse(request.url, status, cast("Any", headers), cast("Any", raw))


def snake(name: str) -> str:
    """Return a Python name of an operation: `describe_services`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
