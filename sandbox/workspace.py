"""A temporary place in which the real engine runs a Pulumi project over the stand-ins.

Everything is made in one temporary folder: the backend's state, the engine's home, a copy of Pulumi.yaml and a stack
file generated from the owner's, which is only ever read. The program runs unchanged, from its own folder.
"""

import functools
import importlib
import os
import pickle
import runpy
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import pulumi
import yaml
from grpc import aio
from pulumi import automation as auto
from pulumi.runtime import config

# How the SDK dials the engine; it has no public setting for that.
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS as CHANNEL_OPTIONS  # pyright: ignore[reportPrivateUsage]

from sandbox.cli.find import VERSION, dotted, find_or_make
from sandbox.processes import PackServer, StandIn
from sandbox.project import Encrypted, Project, generated_settings

PASSPHRASE = "sandbox"  # noqa: S105  (it guards placeholders only, in a folder that is deleted)
# What the engine starts to have a policy pack ("$2") served: it reads a port, and ends the process when it is done.
# The project's pack is served already, or about to be, unless it couldn't be started: then this shows its error.
ANALYZER_SCRIPT = """\
#!/bin/sh
if [ "$(cd "$2" && pwd -P)" = "{pack}" ]; then
    until [ -s "{port}" ]; do kill -0 "{process}" 2> /dev/null || break; sleep 0.02; done
    [ -s "{port}" ] && cat "{port}" && exec sleep 86400
fi
exec "{python}" -u -m pulumi.policy "$1" "$2"
"""

Output = Callable[[str], None]


class Sandbox:
    """The engine, its temporary folder and the stand-ins, for as long as the `with` block lasts.

    `pack` serves the project's policies already, or is about to, and is its owner's to stop; without it they are served
    when an operation asks for them.
    """

    def __init__(
        self, project: Project, *, world: Path | None = None, color: str = "never", pack: PackServer | None = None
    ) -> None:
        self.project = project
        self.color = color
        self._world = world
        self._hidden: dict[str, Mapping[str, str]] = {}
        self._encrypted: dict[str, Encrypted] = {}
        self.pack_server = pack
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        dial_each_engine_anew()
        keep_callbacks_queue()
        send_no_debug_messages()
        with self._closing as closing:
            self.stand_in = StandIn(self._world)
            closing.callback(self.stand_in.stop)
            self._loading = threading.Thread(target=_load, args=(self.project,), daemon=True)
            self._loading.start()
            cli = find_or_make()
            self.folder = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="taskflow-sandbox-")))
            self._make_folder(cli)
            if self.pack_server:
                self._make_analyzer(self.pack_server)
            # It asks the CLI for its version: once is enough.
            self._command = auto.PulumiCommand(root=str(self.folder))
            self._closing = closing.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def _make_folder(self, cli: Path) -> None:
        for name in ("bin", "home"):
            (self.folder / name).mkdir()
        (self.folder / "bin" / "pulumi").symlink_to(cli)
        self._make_work()

    def _make_analyzer(self, pack: PackServer) -> None:
        """Make the plugin by which the engine reaches a policy pack, where there is no language host to do it."""
        # On PATH it would work too, under a warning.
        plugin = self.folder / "home" / "plugins" / f"analyzer-policy-python-v{dotted(VERSION)}"
        plugin.mkdir(parents=True)
        analyzer = plugin / "pulumi-analyzer-policy-python"
        analyzer.write_text(
            ANALYZER_SCRIPT.format(python=sys.executable, pack=pack.pack.resolve(), port=pack.port, process=pack.pid)
        )
        analyzer.chmod(0o755)

    def _make_work(self) -> None:
        for name in ("state", "work"):
            (self.folder / name).mkdir()
        (self.folder / "work" / "Pulumi.yaml").write_bytes((self.project.folder / "Pulumi.yaml").read_bytes())

    def _program(self) -> None:
        # The SDK keeps the last stack's list of secret keys when the next stack has none.
        if not self._hidden[pulumi.get_stack()]:
            pulumi.runtime.set_all_config(dict(config.CONFIG.get()), [])
        run_program(self.project.folder)

    def _after_loading(self, program: Callable[[], None]) -> Callable[[], None]:
        """Let a program wait for the loading thread: two that load one SDK module at once see it half made."""

        def waiting() -> None:
            self._loading.join()
            program()

        return waiting

    def reset(self) -> None:
        """Forget every stack, and the world if it stands in a file, as if the sandbox had just been made."""
        for name in ("state", "work"):
            shutil.rmtree(self.folder / name)
        if self._world:
            self._world.unlink(missing_ok=True)
        self._encrypted.clear()
        self._make_work()

    def keep(self, folder: Path) -> None:
        """Copy the stacks as they stand, and their encrypted settings, for another sandbox to start from."""
        shutil.copytree(self.folder / "state", folder / "state")
        (folder / "encrypted").write_bytes(pickle.dumps(self._encrypted))

    def start_from(self, folder: Path) -> None:
        """Take over the stacks that `keep` copied."""
        shutil.copytree(folder / "state", self.folder / "state", dirs_exist_ok=True)
        self._encrypted = pickle.loads((folder / "encrypted").read_bytes())  # noqa: S301  (written by `keep`)

    @contextmanager
    def operation(self) -> Generator[None]:
        """Have the world's file, if there is one, hold what an operation of the engine made of it."""
        try:
            yield
        finally:
            if self._world:
                self.stand_in.save()

    def environment(self) -> dict[str, str]:
        """Give the environment that the CLI runs in: its own home and backend, no network, the stand-ins attached."""
        return {
            "PATH": os.pathsep.join([str(self.folder / "bin"), os.environ.get("PATH", "")]),
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_CONFIG_PASSPHRASE_FILE": "",
            "PULUMI_DEBUG_PROVIDERS": self.stand_in.addresses,
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # The state is written once, at the end of an `up`, well or ill: after each step it takes most of the time.
            "PULUMI_SKIP_CHECKPOINTS": "true",
            # The CLI opens a state's secrets by AWS's own keys where it finds a credential: none is looked for.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def packs(self) -> list[str]:
        """Return the folder of the project's policy pack, if it has one, as the engine takes packs."""
        policies = self.project.policies
        if not policies:
            return []
        if self.pack_server is None:
            self.pack_server = PackServer(policies)
            self._closing.callback(self.pack_server.stop)
            self._make_analyzer(self.pack_server)
        return [str(policies)]

    def pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the CLI in the sandbox: the exit code and what was printed."""
        cli = str(self.folder / "bin" / "pulumi")
        return subprocess.run(
            [cli, *arguments, "--non-interactive"],
            cwd=self.folder / "work",
            env={**os.environ, **self.environment()},
            check=False,
            capture_output=True,
            text=True,
        )

    def analyze(self, state: str) -> subprocess.CompletedProcess[str]:
        """Judge an exported state by the policy pack: the exit code and what was printed."""
        file = self.folder / "work" / "analyzed.json"
        file.write_text(state, encoding="utf-8")
        packs = [f"--policy-pack={pack}" for pack in self.packs()]
        return self.pulumi("policy", "analyze", f"--file={file}", "--color=never", *packs)

    def stack(
        self, name: str, *, program: Callable[[], None] | None = None, secrets: Mapping[str, str] | None = None
    ) -> "SandboxStack":
        """Give a stack in the sandbox's own backend, with settings generated from the owner's stack file.

        `secrets` are values of secret settings, where placeholders won't do.
        """
        work, project = self.folder / "work", str(_project_settings(self.folder)["name"])
        text, hidden = generated_settings(self.project, name)
        hidden |= secrets or {}
        self._hidden[name] = hidden
        known = self._encrypted.get(name)
        is_encrypted = known is not None and known.values == hidden
        (work / f"Pulumi.{name}.yaml").write_text(known.beside(text) if known and is_encrypted else text)
        stack = _Stack(
            name,
            auto.LocalWorkspace(
                work_dir=str(work),
                program=self._after_loading(program or self._program),
                pulumi_command=self._command,
                env_vars=self.environment(),
            ),
            exists=(self.folder / "state" / ".pulumi" / "stacks" / project / f"{name}.json").exists(),
        )
        if hidden and not is_encrypted:
            stack.set_all_config({key: auto.ConfigValue(value=value, secret=True) for key, value in hidden.items()})
            self._encrypted[name] = Encrypted.in_file(work / f"Pulumi.{name}.yaml", hidden)
        return SandboxStack(self, stack)


def _project_settings(folder: Path) -> Mapping[str, object]:
    return cast("Mapping[str, object]", yaml.safe_load((folder / "work" / "Pulumi.yaml").read_text()))


class _Stack(auto.Stack):
    """The Automation API's stack, without the commands that it runs around each operation: three of them for an `up`.

    It isn't selected, since every command names it, and outputs and history are read when they are asked for.
    """

    def __init__(self, name: str, workspace: auto.LocalWorkspace, *, exists: bool) -> None:
        if not exists:
            workspace.create_stack(name)
        self.name = name
        self.workspace = workspace

    def outputs(self) -> auto.OutputMap:
        """Read none."""
        return {}

    def info(self, show_secrets: bool = True) -> auto.UpdateSummary:  # noqa: ARG002, FBT001, FBT002
        """Read none."""
        return auto.UpdateSummary("", datetime.now(UTC), "", {}, {}, "")


class SandboxStack:
    """One stack in the sandbox: the engine's operations on it, with the project's policy pack mandatory."""

    def __init__(self, sandbox: Sandbox, stack: auto.Stack) -> None:
        self._sandbox = sandbox
        self.stack = stack

    def preview(
        self, *, show: Output | None = None, on_event: Callable[[auto.EngineEvent], None] | None = None
    ) -> None:
        """Preview; auto.CommandError when the plan fails or a policy is violated."""
        with self._sandbox.operation():
            self.stack.preview(
                policy_packs=self._sandbox.packs(), on_output=show, on_error=show, on_event=on_event,
                color=self._sandbox.color, suppress_progress=True,
            )  # fmt: skip

    def up(self, *, show: Output | None = None, on_event: Callable[[auto.EngineEvent], None] | None = None) -> None:
        """Bring the stack up over the stand-ins; auto.CommandError when it fails."""
        with self._sandbox.operation():
            self.stack.up(
                policy_packs=self._sandbox.packs(), on_output=show, on_error=show, on_event=on_event,
                color=self._sandbox.color, suppress_progress=True,
            )  # fmt: skip

    def refresh(self, *, show: Output | None = None) -> Mapping[auto.OpType, int]:
        """Refresh the stack's state from the stand-ins: how many resources it left the same, updated or missed."""
        with self._sandbox.operation():
            self.stack.refresh(on_output=show, on_error=show, color=self._sandbox.color, suppress_progress=True)
        return self.stack.history(page_size=1)[0].resource_changes or {}

    def outputs(self) -> auto.OutputMap:
        """Give the stack's outputs, secrets shown."""
        return self.stack.workspace.stack_outputs(self.stack.name)

    def destroy(self, *, skip_preview: bool = False) -> subprocess.CompletedProcess[str]:
        """Destroy as `pulumi destroy --yes` does, with or without its preview: the exit code and what was printed."""
        with self._sandbox.operation():
            return self._pulumi("destroy", "--yes", "--color=never", *(["--skip-preview"] if skip_preview else []))

    def state(self) -> str:
        """Give the exported state as JSON text, secrets shown."""
        exported = self._pulumi("stack", "export", "--show-secrets")
        exported.check_returncode()
        return exported.stdout

    def _pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._sandbox.pulumi(*arguments, "--stack", self.stack.name)


def _load(project: Project) -> None:
    """Load the program's modules beside the CLI's start; a module that can't be loaded is the program's to report."""
    with suppress(Exception), _first_on_path(project.folder):
        for module in project.modules:
            importlib.import_module(module)


def run_program(folder: Path) -> None:
    """Run a project's `__main__.py` unchanged, with its folder first on the path, as the language host does."""
    with _first_on_path(folder):
        runpy.run_path(str(folder / "__main__.py"), run_name="__main__")


@contextmanager
def _first_on_path(folder: Path) -> Generator[None]:
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def dial_each_engine_anew() -> None:
    """Give each engine's program connections of its own.

    gRPC shares connections by address within a process, and a refused address stays refused for a while. A program
    that outlives its engine leaves one behind; when a later engine gets the same port, its program would be refused.
    """
    own = ("grpc.use_local_subchannel_pool", 1)
    if own not in CHANNEL_OPTIONS:
        CHANNEL_OPTIONS.append(own)


def send_no_debug_messages() -> None:
    """Drop the SDK's debug messages, which the engine shows with --debug only.

    It sends each and waits for the answer, 1,673 times for production.
    """
    pulumi.log.debug = _ignore


def _ignore(*_: object, **__: object) -> None:
    pass


@functools.cache
def keep_callbacks_queue() -> None:
    """Keep gRPC's queue for servers on event loops for as long as this process lives.

    The SDK starts such a server for each program that has transforms. gRPC counts who uses their one queue, and ends
    it when the last server is collected: while the next program's server starts, that crashes the process.
    """
    aio.init_grpc_aio()  # pyright: ignore[reportAttributeAccessIssue] (public, but left out of grpc's stubs)
