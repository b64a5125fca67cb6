"""Process-wide changes to the Pulumi SDK, for several programs and engines in one process."""

import functools

import pulumi
from grpc import aio

# The SDK's options for its connection to the engine; there is no public setting.
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS as CHANNEL_OPTIONS  # pyright: ignore[reportPrivateUsage]


def separate_engine_connections() -> None:
    """Use separate gRPC connections for each engine.

    gRPC shares connections by address within a process, and an address that refused a connection stays refused for a
    while. If a program outlives its engine and a later engine gets the same port, the later program would fail.
    """
    option = ("grpc.use_local_subchannel_pool", 1)
    if option not in CHANNEL_OPTIONS:
        CHANNEL_OPTIONS.append(option)


def drop_debug_messages() -> None:
    """Drop the SDK's debug messages, which the engine shows only with --debug.

    The SDK waits for an answer to each: 1,673 for production.
    """
    pulumi.log.debug = _ignore


def _ignore(*_: object, **__: object) -> None:
    pass


@functools.cache
def keep_grpc_queue_alive() -> None:
    """Keep gRPC's queue for asyncio servers until the process ends.

    The SDK starts such a server for each program with transforms. gRPC counts the users of their shared queue and
    closes it with the last server. If the next program's server starts at that moment, the process crashes.
    """
    aio.init_grpc_aio()  # pyright: ignore[reportAttributeAccessIssue] (public, but missing in grpc's stubs)
