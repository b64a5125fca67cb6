"""The connection between a program and its engine: an address that refused a connection is used again."""

import contextvars
import socket
from concurrent import futures
from contextlib import suppress

import grpc
import pulumi
from google.protobuf import empty_pb2
from pulumi.runtime import settings
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from sandbox.sdk import separate_engine_connections


class Engine(engine_pb2_grpc.EngineServicer):
    """An engine that only receives log messages."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def Log(  # noqa: N802  (gRPC names the method)
        self, request: engine_pb2.LogRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        del context
        self.messages.append(request.message)
        return empty_pb2.Empty()


def program(address: str) -> contextvars.Context:
    """Run a program that logs to the engine at an address, reachable or not; return its context."""
    context = contextvars.Context()

    def log() -> None:
        settings.reset_options(project="small", stack="one", engine_address=address)
        with suppress(grpc.RpcError):
            pulumi.log.info("here")

    context.run(log)
    return context


def test_a_program_reaches_its_engine_on_a_port_that_refused_before() -> None:
    separate_engine_connections()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    earlier = program(address)
    engine = Engine()
    server = grpc.server(futures.ThreadPoolExecutor(1))
    engine_pb2_grpc.add_EngineServicer_to_server(engine, server)
    assert server.add_insecure_port(address)
    server.start()
    try:
        program(address)
    finally:
        server.stop(0)
    assert engine.messages == ["here"]
    del earlier  # It keeps the refused connection until here, like the frames of a failed program.
