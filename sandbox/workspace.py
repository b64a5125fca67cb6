"""A temporary place in which the real engine runs a Pulumi project over the stand-ins.

Everything is made in one temporary folder: the backend's state, the engine's home, a copy of Pulumi.yaml and a stack
file generated from the owner's, which is only ever read. The program runs unchanged, from its own folder.
"""

import functools
import importlib
import json
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
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

from sandbox.engine import VERSION, dotted, find_or_build
from sandbox.values import Value

PASSPHRASE = "sandbox"  # noqa: S105  (it guards placeholders only, in a folder that is deleted)
PLACEHOLDER = "Placeholder0Placeholder0Placeholder0"
# The engine passes options of its own after the two arguments that count.
ANALYZER_SCRIPT = '#!/bin/sh\nexec "{python}" -u -m pulumi.policy "$1" "$2"\n'

Output = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Project:
    """A Pulumi project as it stands in its folder."""

    folder: Path
    policies: Path | None = None
    # Where the stack files stand, if not beside the program.
    stack_files: Path | None = None
    # Flat secret settings (full keys) that each stack needs, and that stand in no committed file.
    secrets: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    # What stands in for those of them for which the usual placeholder won't do.
    placeholders: Mapping[str, str] = field(default_factory=dict[str, str])
    # Modules that the program will import, to be loaded while the CLI starts.
    modules: Sequence[str] = ()

    def stack_file(self, stack: str) -> Path:
        """Give the owner's stack file."""
        return (self.stack_files or self.folder) / f"Pulumi.{stack}.yaml"


class StandIn:
    """The stand-in providers, as a process of their own."""

    def __init__(self, world: Path | None = None) -> None:
        command = [sys.executable, "-m", "sandbox.server", *([str(world)] if world else [])]
        root = Path(__file__).parent.parent
        environment = {**os.environ, "PYTHONPATH": str(root)}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self._addresses: str | None = None
        self.start_up_seconds = 0.0
        self.seconds = 0.0

    @property
    def addresses(self) -> str:
        """Give where each package is served (`aws:PORT,awsx:PORT,…`), waiting for the start if need be."""
        if self._addresses is None:
            self._addresses = self._process.stdout.readline().strip() if self._process.stdout else ""
            if not self._addresses:
                raise RuntimeError("the stand-in providers didn't start; their error stands above")
        return self._addresses

    def stop(self) -> None:
        """Stop them, and take the processor seconds that they needed (`start_up_seconds`, and `seconds` in all)."""
        said, _ = self._process.communicate()
        for line in said.splitlines():
            if line.startswith("cpu "):
                self.start_up_seconds, self.seconds = (float(part) for part in line.split()[1:])


class Sandbox:
    """The engine, its temporary folder and the stand-ins, for as long as the `with` block lasts."""

    def __init__(self, project: Project, *, world: Path | None = None, color: str = "never") -> None:
        self.project = project
        self.color = color
        self._world = world
        self._hidden: dict[str, Mapping[str, str]] = {}
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        dial_each_engine_anew()
        keep_callbacks_queue()
        with self._closing as closing:
            self.stand_in = StandIn(self._world)
            closing.callback(self.stand_in.stop)
            self._loading = threading.Thread(target=_load, args=(self.project,), daemon=True)
            self._loading.start()
            cli = find_or_build()
            self.folder = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="taskflow-sandbox-")))
            self._make_folder(cli)
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
        # Starts a policy pack where there is no language host to do it. On PATH it would work too, under a warning.
        plugin = self.folder / "home" / "plugins" / f"analyzer-policy-python-v{dotted(VERSION)}"
        plugin.mkdir(parents=True)
        analyzer = plugin / "pulumi-analyzer-policy-python"
        analyzer.write_text(ANALYZER_SCRIPT.format(python=sys.executable))
        analyzer.chmod(0o755)
        self._make_work()

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
        self._make_work()

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
        }

    def stack(
        self, name: str, *, program: Callable[[], None] | None = None, secrets: Mapping[str, str] | None = None
    ) -> "SandboxStack":
        """Give a stack in the sandbox's own backend, with settings generated from the owner's stack file.

        `secrets` are values of secret settings, where placeholders won't do.
        """
        work = self.folder / "work"
        text, hidden = generated_settings(self.project, name)
        hidden |= secrets or {}
        self._hidden[name] = hidden
        (work / f"Pulumi.{name}.yaml").write_text(text)
        stack = auto.create_or_select_stack(
            name,
            project_name=yaml.safe_load((work / "Pulumi.yaml").read_text())["name"],
            program=self._after_loading(program or self._program),
            opts=auto.LocalWorkspaceOptions(
                work_dir=str(work),
                pulumi_command=self._command,
                env_vars=self.environment(),
            ),
        )
        if hidden:
            stack.set_all_config({key: auto.ConfigValue(value=value, secret=True) for key, value in hidden.items()})
        return SandboxStack(self, stack)


class SandboxStack:
    """One stack in the sandbox: the engine's operations on it, with the project's policy pack mandatory."""

    def __init__(self, sandbox: Sandbox, stack: auto.Stack) -> None:
        self._sandbox = sandbox
        self.stack = stack

    def _packs(self) -> list[str]:
        policies = self._sandbox.project.policies
        return [str(policies)] if policies else []

    def preview(
        self, *, show: Output | None = None, on_event: Callable[[auto.EngineEvent], None] | None = None
    ) -> None:
        """Preview; auto.CommandError when the plan fails or a policy is violated."""
        self.stack.preview(
            policy_packs=self._packs(), on_output=show, on_error=show, on_event=on_event, color=self._sandbox.color,
            suppress_progress=True,
        )  # fmt: skip

    def up(
        self, *, show: Output | None = None, on_event: Callable[[auto.EngineEvent], None] | None = None
    ) -> auto.UpResult:
        """Bring the stack up over the stand-ins."""
        return self.stack.up(
            policy_packs=self._packs(), on_output=show, on_error=show, on_event=on_event, color=self._sandbox.color,
            suppress_progress=True,
        )  # fmt: skip

    def refresh(self, *, show: Output | None = None) -> auto.RefreshResult:
        """Refresh the stack's state from the stand-ins."""
        return self.stack.refresh(on_output=show, on_error=show, color=self._sandbox.color, suppress_progress=True)

    def destroy(self, *, skip_preview: bool = False) -> subprocess.CompletedProcess[str]:
        """Destroy as `pulumi destroy --yes` does, with or without its preview: the exit code and what was printed."""
        return self._pulumi("destroy", "--yes", "--color=never", *(["--skip-preview"] if skip_preview else []))

    def state(self) -> str:
        """Give the exported state as JSON text, secrets shown."""
        exported = self._pulumi("stack", "export", "--show-secrets")
        exported.check_returncode()
        return exported.stdout

    def analyze(self, state: str) -> subprocess.CompletedProcess[str]:
        """Judge an exported state by the policy pack: the exit code and what was printed."""
        file = self._sandbox.folder / "work" / "analyzed.json"
        file.write_text(state, encoding="utf-8")
        packs = [f"--policy-pack={pack}" for pack in self._packs()]
        return self._run("policy", "analyze", f"--file={file}", "--color=never", *packs)

    def _pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._run(*arguments, "--stack", self.stack.name)

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        cli = str(self._sandbox.folder / "bin" / "pulumi")
        return subprocess.run(
            [cli, *arguments, "--non-interactive"],
            cwd=self._sandbox.folder / "work",
            env={**os.environ, **self._sandbox.environment()},
            check=False,
            capture_output=True,
            text=True,
        )


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


def generated_settings(project: Project, stack: str) -> tuple[str, dict[str, str]]:
    """Give the stack's file without its owner's secrets: (YAML text, placeholders of the secret settings).

    The owner's keys stay out, so that a file encrypted by a key far away can be read here; each secret, those that
    stand in no file yet included, has a placeholder. A secret inside a block makes the whole block secret, as it does
    with the owner's file. The text is edited as nodes: every other value is written as its owner wrote it.
    """
    root = cast("yaml.Node | None", yaml.compose(project.stack_file(stack).read_text(), Loader=yaml.SafeLoader))
    config = _entry(root, "config")
    hidden: dict[str, str] = {}
    kept: list[tuple[yaml.Node, yaml.Node]] = []
    for key, value in config.value if isinstance(config, yaml.MappingNode) else ():
        if _hides(value):
            shown = _shown(value)
            hidden[str(key.value)] = shown if isinstance(shown, str) else json.dumps(shown)
        else:
            kept.append((key, value))
    present = {str(key.value) for key, _ in kept}
    lacking = [key for key in project.secrets.get(stack, ()) if key not in present and key not in hidden]
    hidden |= {key: project.placeholders.get(key, PLACEHOLDER) for key in lacking}
    return yaml.serialize(_mapping(_scalar("config"), yaml.MappingNode(MAP, kept, flow_style=False))), hidden


MAP = "tag:yaml.org,2002:map"


def _mapping(key: yaml.Node, value: yaml.Node) -> yaml.MappingNode:
    return yaml.MappingNode(MAP, [(key, value)], flow_style=False)


def _scalar(text: str) -> yaml.ScalarNode:
    return yaml.ScalarNode("tag:yaml.org,2002:str", text)


def _entry(node: yaml.Node | None, name: str) -> yaml.Node | None:
    entries = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for key, value in entries if key.value == name), None)


def _hides(node: yaml.Node) -> bool:
    if isinstance(node, yaml.MappingNode):
        return _entry(node, "secure") is not None or any(_hides(value) for _, value in node.value)
    return isinstance(node, yaml.SequenceNode) and any(_hides(item) for item in node.value)


def _shown(node: yaml.Node) -> Value:
    if isinstance(node, yaml.MappingNode):
        if _entry(node, "secure") is not None:
            return PLACEHOLDER
        return {str(key.value): _shown(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_shown(item) for item in node.value]
    return yaml.safe_load(yaml.serialize(node))


def dial_each_engine_anew() -> None:
    """Give each engine's program connections of its own.

    gRPC shares connections by address within a process, and a refused address stays refused for a while. A program
    that outlives its engine leaves one behind; when a later engine gets the same port, its program would be refused.
    """
    own = ("grpc.use_local_subchannel_pool", 1)
    if own not in CHANNEL_OPTIONS:
        CHANNEL_OPTIONS.append(own)


@functools.cache
def keep_callbacks_queue() -> None:
    """Keep gRPC's queue for servers on event loops for as long as this process lives.

    The SDK starts such a server for each program that has transforms. gRPC counts who uses their one queue, and ends
    it when the last server is collected: while the next program's server starts, that crashes the process.
    """
    aio.init_grpc_aio()  # pyright: ignore[reportAttributeAccessIssue] (public, but left out of grpc's stubs)


def forget_owners_environment() -> None:
    """Take Pulumi's and AWS's own settings out of this process: nothing here is to reach a real backend or account."""
    for name in tuple(os.environ):
        if name.startswith(("PULUMI_", "AWS_")):
            del os.environ[name]
