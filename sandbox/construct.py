"""Registration of a component's children with the engine's resource monitor, by its gRPC protocol.

The SDK's `pulumi.provider` changes process-wide settings and has to be imported; the protocol is small.
"""

import importlib.metadata
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self, cast

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, resource_pb2, resource_pb2_grpc

from sandbox.structs import RESOURCE, SIGNATURE, to_python, to_struct
from sandbox.values import UNKNOWN, Value
from sandbox.vpc.engine import Child
from sandbox.vpc.inputs import ComponentError


class Monitor:
    """The engine during the construction of one component (the `Engine` of sandbox.vpc)."""

    def __init__(self, request: provider_pb2.ConstructRequest, engine: str) -> None:
        self._request = request
        self._engine = engine
        self._aws_version = importlib.metadata.version("pulumi-aws")
        self._children: list[Child] = []
        self._channel = grpc.insecure_channel(
            self._request.monitorEndpoint, options=[("grpc.max_receive_message_length", 1 << 28)]
        )
        self._monitor = resource_pb2_grpc.ResourceMonitorStub(self._channel)
        self._component = self._register_component()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._channel.close()

    def _register_component(self) -> Child:
        request = self._request
        message = resource_pb2.RegisterResourceRequest(
            type=request.type,
            name=request.name,
            parent=request.parent,
            custom=False,
            acceptSecrets=True,
            acceptResources=True,
            aliasSpecs=True,
            aliases=request.aliases,
            dependencies=request.dependencies,
            providers=request.providers,
            supportsResultReporting=True,
        )
        self._copy_options(message)
        response = self._send(message)
        return Child(urn=response.urn, id="", state={})

    def _copy_options(self, message: resource_pb2.RegisterResourceRequest) -> None:
        """Copy the options that the real component's SDK passes to every child: `protect` and `retainOnDelete`."""
        if self._request.HasField("protect"):
            message.protect = self._request.protect
        if self._request.HasField("retainOnDelete"):
            message.retainOnDelete = self._request.retainOnDelete

    def _send(self, message: resource_pb2.RegisterResourceRequest) -> resource_pb2.RegisterResourceResponse:
        try:
            response = cast("resource_pb2.RegisterResourceResponse", self._monitor.RegisterResource(message))
        except grpc.RpcError as error:
            raise ComponentError(f"{message.type} {message.name}: {error.details()}") from None  # pyright: ignore[reportAttributeAccessIssue] (grpc's stubs lack the methods of RpcError)
        if response.result != resource_pb2.SUCCESS:
            raise ComponentError(f"{message.type} {message.name}: registration failed")
        return response

    # The methods of sandbox.vpc.engine.Engine.

    def register(
        self,
        kind: str,
        name: str,
        inputs: Mapping[str, Value],
        *,
        parent: Child | None,
        depends_on: Sequence[Child],
        uses: Mapping[str, Sequence[Child]],
    ) -> Child:
        """Register a child; its id and computed outputs are unknown in a preview."""
        used = {child.urn for children in uses.values() for child in children}
        message = resource_pb2.RegisterResourceRequest(
            type=kind,
            name=name,
            parent=(parent or self._component).urn,
            custom=True,
            object=to_struct(inputs),
            provider=self._request.providers.get("aws", ""),
            version="" if "aws" in self._request.providers else self._aws_version,
            acceptSecrets=False,
            acceptResources=True,
            aliasSpecs=True,
            supportsPartialValues=True,
            supportsResultReporting=True,
            dependencies=sorted({c.urn for c in depends_on} | used),
            propertyDependencies={
                prop: resource_pb2.RegisterResourceRequest.PropertyDependencies(urns=[c.urn for c in children])
                for prop, children in uses.items()
            },
        )
        self._copy_options(message)
        response = self._send(message)
        child = Child(urn=response.urn, id=response.id or UNKNOWN, state=to_python(response.object))
        self._children.append(child)
        return child

    def zones(self) -> list[str]:
        """Look up the region's availability zones, as the real component does without zone names."""
        response = cast(
            "provider_pb2.InvokeResponse",
            self._monitor.Invoke(
                resource_pb2.ResourceInvokeRequest(
                    tok="aws:index/getAvailabilityZones:getAvailabilityZones",
                    version=self._aws_version,
                    provider=self._request.providers.get("aws", ""),
                )
            ),
        )
        names = to_python(getattr(response, "return")).get("names")
        return [str(name) for name in names] if isinstance(names, list) else []

    def reference(self, child: Child) -> Value:
        """Return a resource reference to a child."""
        return {
            SIGNATURE: RESOURCE,
            "urn": child.urn,
            "id": child.id,
            "packageVersion": self._aws_version,
        }

    def warn(self, message: str) -> None:
        """Show a warning on the component."""
        with grpc.insecure_channel(self._engine) as channel:
            engine_pb2_grpc.EngineStub(channel).Log(
                engine_pb2.LogRequest(severity=engine_pb2.WARNING, message=message, urn=self._component.urn)
            )

    def response(self, outputs: Mapping[str, Value]) -> provider_pb2.ConstructResponse:
        """Finish the component: no outputs in its state; each output depends on the component and all subnets."""
        self._monitor.RegisterResourceOutputs(resource_pb2.RegisterResourceOutputsRequest(urn=self._component.urn))
        urns = [self._component.urn, *(c.urn for c in self._children if ":Subnet::" in c.urn)]
        return provider_pb2.ConstructResponse(
            urn=self._component.urn,
            state=to_struct(outputs),
            stateDependencies={
                name: provider_pb2.ConstructResponse.PropertyDependencies(urns=urns) for name in outputs
            },
        )
