"""The connection between a program and its engine: an address that was dead before is tried anew."""

import contextvars
import socket
from concurrent import futures
from contextlib import suppress

import grpc
import pulumi
from google.protobuf import empty_pb2
from pulumi.runtime import settings
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from sandbox.workspace import dial_each_engine_anew


class Engine(engine_pb2_grpc.EngineServicer):
    """An engine that takes log messages and does nothing else."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def Log(  # noqa: N802  (gRPC names the method)
        self, request: engine_pb2.LogRequest, context: grpc.ServicerContext
    ) -> empty_pb2.Empty:
        del context
        self.said.append(request.message)
        return empty_pb2.Empty()


def program(address: str) -> contextvars.Context:
    """Give the context of a program that says something to the engine at an address, alive or not."""
    own = contextvars.Context()

    def say() -> None:
        settings.reset_options(project="small", stack="one", engine_address=address)
        with suppress(grpc.RpcError):
            pulumi.log.info("here")

    own.run(say)
    return own


def test_a_program_reaches_its_engine_on_a_port_where_another_has_just_died() -> None:
    dial_each_engine_anew()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    outlived = program(address)
    engine = Engine()
    server = grpc.server(futures.ThreadPoolExecutor(1))
    engine_pb2_grpc.add_EngineServicer_to_server(engine, server)
    assert server.add_insecure_port(address)
    server.start()
    try:
        program(address)
    finally:
        server.stop(0)
    assert engine.said == ["here"]
    del outlived  # Until here it holds the refused connection, as a failed program's frames do.
