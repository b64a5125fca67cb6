"""A temporary folder in which the real engine runs a Pulumi project against the stand-ins.

The folder holds the backend's state, the engine's home, a copy of Pulumi.yaml and the generated stack files; committed
stack files are only read. The program runs unchanged, from its own folder.
"""

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
from pulumi import automation as auto
from pulumi.runtime import config

from sandbox.cli.find import VERSION, find_or_install, format_version
from sandbox.processes import PackServer, StandInServer
from sandbox.project import EncryptedSettings, Project, generate_settings
from sandbox.sdk import drop_debug_messages, keep_grpc_queue_alive, separate_engine_connections

PASSPHRASE = "sandbox"  # noqa: S105  (it protects only placeholders, in a folder that is deleted)
# The engine starts this to serve a policy pack ("$2"): it reads a port and ends the process afterwards. PackServer
# already serves the project's pack or is about to. If the pack couldn't start, it is started here to show its error.
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
    """The engine, its temporary folder and the stand-ins, within a `with` block.

    The caller starts and stops `pack`, which serves the project's policies; without it a server starts on first use.
    """

    def __init__(
        self, project: Project, *, world: Path | None = None, color: str = "never", pack: PackServer | None = None
    ) -> None:
        self.project = project
        self.color = color
        self._world = world
        self._secrets: dict[str, Mapping[str, str]] = {}
        self._encrypted: dict[str, EncryptedSettings] = {}
        self.pack_server = pack
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        separate_engine_connections()
        keep_grpc_queue_alive()
        drop_debug_messages()
        with self._resources as resources:
            self.stand_in = StandInServer(self._world)
            resources.callback(self.stand_in.stop)
            self._loading = threading.Thread(target=_load, args=(self.project,), daemon=True)
            self._loading.start()
            cli = find_or_install()
            self.folder = Path(resources.enter_context(tempfile.TemporaryDirectory(prefix="taskflow-sandbox-")))
            self._create_folders(cli)
            if self.pack_server:
                self._install_analyzer(self.pack_server)
            # Created once, because it runs the CLI to get its version.
            self._command = auto.PulumiCommand(root=str(self.folder))
            self._resources = resources.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._resources.close()

    def _create_folders(self, cli: Path) -> None:
        for name in ("bin", "home"):
            (self.folder / name).mkdir()
        (self.folder / "bin" / "pulumi").symlink_to(cli)
        # The CLI writes every message of its log to a file in the folder `logs`, which takes a third of its time. It
        # goes without one where it can't create the folder.
        (self.folder / "home" / "logs").touch()
        self._create_work_folders()

    def _install_analyzer(self, pack: PackServer) -> None:
        """Install the plugin through which the engine reaches a policy pack without a language host."""
        # A plugin on PATH works too, but with a warning.
        plugin = self.folder / "home" / "plugins" / f"analyzer-policy-python-v{format_version(VERSION)}"
        plugin.mkdir(parents=True)
        analyzer = plugin / "pulumi-analyzer-policy-python"
        analyzer.write_text(
            ANALYZER_SCRIPT.format(python=sys.executable, pack=pack.pack.resolve(), port=pack.port, process=pack.pid)
        )
        analyzer.chmod(0o755)

    def _create_work_folders(self) -> None:
        for name in ("state", "work"):
            (self.folder / name).mkdir()
        (self.folder / "work" / "Pulumi.yaml").write_bytes((self.project.folder / "Pulumi.yaml").read_bytes())

    def _program(self) -> None:
        # The SDK keeps the last stack's list of secret keys if the next stack has none.
        if not self._secrets[pulumi.get_stack()]:
            pulumi.runtime.set_all_config(dict(config.CONFIG.get()), [])
        run_program(self.project.folder)

    def _after_loading(self, program: Callable[[], None]) -> Callable[[], None]:
        """Return the program with a wait for the loading thread: a module imported by two threads may be incomplete."""

        def run() -> None:
            self._loading.join()
            program()

        return run

    def reset(self) -> None:
        """Remove all stacks and the world's file, as in a new sandbox."""
        for name in ("state", "work"):
            shutil.rmtree(self.folder / name)
        if self._world:
            self._world.unlink(missing_ok=True)
        self._encrypted.clear()
        self._create_work_folders()

    def save_to(self, folder: Path) -> None:
        """Copy the stacks' state and encrypted settings to a folder, for another sandbox."""
        shutil.copytree(self.folder / "state", folder / "state")
        (folder / "encrypted").write_bytes(pickle.dumps(self._encrypted))

    def restore_from(self, folder: Path) -> None:
        """Restore the stacks that `save_to` copied."""
        shutil.copytree(folder / "state", self.folder / "state", dirs_exist_ok=True)
        self._encrypted = pickle.loads((folder / "encrypted").read_bytes())  # noqa: S301  (written by `save_to`)

    @contextmanager
    def operation(self) -> Generator[None]:
        """Save the world's file, if there is one, after an operation of the engine."""
        try:
            yield
        finally:
            if self._world:
                self.stand_in.save()

    def environment(self) -> dict[str, str]:
        """Return the CLI's environment: a separate home and backend, no network, the stand-ins as providers."""
        return {
            "PATH": os.pathsep.join([str(self.folder / "bin"), os.environ.get("PATH", "")]),
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_CONFIG_PASSPHRASE_FILE": "",
            "PULUMI_DEBUG_PROVIDERS": self.stand_in.addresses,
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # Collect garbage less often: a tenth of the CLI's time, for more memory.
            "GOGC": "400",
            # The state is written once, when an `up` ends or fails: writing it after each step takes most of the time.
            "PULUMI_SKIP_CHECKPOINTS": "true",
            # The CLI would decrypt a state's secrets with AWS credentials: it must not find any.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def policy_packs(self) -> list[str]:
        """Return the folder of the project's policy pack, in a list, as the engine expects it."""
        policies = self.project.policies
        if not policies:
            return []
        if self.pack_server is None:
            self.pack_server = PackServer(policies)
            self._resources.callback(self.pack_server.stop)
            self._install_analyzer(self.pack_server)
        return [str(policies)]

    def pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a CLI command in the sandbox; return its exit code and output."""
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
        """Check an exported state against the policies; return the CLI's exit code and output."""
        file = self.folder / "work" / "analyzed.json"
        file.write_text(state, encoding="utf-8")
        packs = [f"--policy-pack={pack}" for pack in self.policy_packs()]
        return self.pulumi("policy", "analyze", f"--file={file}", "--color=never", *packs)

    def stack(
        self, name: str, *, program: Callable[[], None] | None = None, secrets: Mapping[str, str] | None = None
    ) -> "SandboxStack":
        """Return a stack in the sandbox's backend, with settings generated from the committed stack file.

        `secrets` are values of secret settings that replace the placeholders.
        """
        work, project = self.folder / "work", str(_project_settings(self.folder)["name"])
        text, secret_settings = generate_settings(self.project, name)
        secret_settings |= secrets or {}
        self._secrets[name] = secret_settings
        encrypted = self._encrypted.get(name)
        if encrypted and encrypted.values != secret_settings:
            encrypted = None
        (work / f"Pulumi.{name}.yaml").write_text(encrypted.added_to(text) if encrypted else text)
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
        if secret_settings and not encrypted:
            stack.set_all_config({k: auto.ConfigValue(value=v, secret=True) for k, v in secret_settings.items()})
            self._encrypted[name] = EncryptedSettings.from_file(work / f"Pulumi.{name}.yaml", secret_settings)
        return SandboxStack(self, stack)


def _project_settings(folder: Path) -> Mapping[str, object]:
    return cast("Mapping[str, object]", yaml.safe_load((folder / "work" / "Pulumi.yaml").read_text()))


class _Stack(auto.Stack):
    """The Automation API's stack, without the extra commands around each operation (three for an `up`).

    The stack isn't selected, because every command names it. Outputs and history are read only on request.
    """

    def __init__(self, name: str, workspace: auto.LocalWorkspace, *, exists: bool) -> None:
        if not exists:
            workspace.create_stack(name)
        self.name = name
        self.workspace = workspace

    def outputs(self) -> auto.OutputMap:
        """Return nothing, without a command."""
        return {}

    def info(self, show_secrets: bool = True) -> auto.UpdateSummary:  # noqa: ARG002, FBT001, FBT002
        """Return an empty summary, without a command."""
        return auto.UpdateSummary("", datetime.now(UTC), "", {}, {}, "")


class SandboxStack:
    """One stack in the sandbox and its operations, with the project's policy pack mandatory."""

    def __init__(self, sandbox: Sandbox, stack: auto.Stack) -> None:
        self._sandbox = sandbox
        self.stack = stack

    def preview(
        self,
        *,
        on_output: Output | None = None,
        on_event: Callable[[auto.EngineEvent], None] | None = None,
        plan: Path | None = None,
    ) -> None:
        """Preview, and save the plan if a file is named; auto.CommandError if it fails or violates a policy."""
        with self._sandbox.operation():
            self.stack.preview(
                plan=str(plan) if plan else None,
                policy_packs=self._sandbox.policy_packs(), on_output=on_output, on_error=on_output, on_event=on_event,
                color=self._sandbox.color, suppress_progress=True,
            )  # fmt: skip

    def up(
        self,
        *,
        on_output: Output | None = None,
        on_event: Callable[[auto.EngineEvent], None] | None = None,
        target: list[str] | None = None,
        plan: Path | None = None,
    ) -> None:
        """Run `up` against the stand-ins; auto.CommandError if it fails.

        It may be limited to resources with some URNs, or to a saved plan.
        """
        with self._sandbox.operation():
            self.stack.up(
                target=target,
                plan=str(plan) if plan else None,
                policy_packs=self._sandbox.policy_packs(), on_output=on_output, on_error=on_output, on_event=on_event,
                color=self._sandbox.color, suppress_progress=True,
            )  # fmt: skip

    def refresh(self, *, on_output: Output | None = None) -> Mapping[auto.OpType, int]:
        """Refresh the stack's state from the stand-ins; return the number of resources by operation."""
        with self._sandbox.operation():
            self.stack.refresh(
                on_output=on_output, on_error=on_output, color=self._sandbox.color, suppress_progress=True
            )
        return self.stack.history(page_size=1)[0].resource_changes or {}

    def outputs(self) -> auto.OutputMap:
        """Return the stack's outputs, including secrets."""
        return self.stack.workspace.stack_outputs(self.stack.name)

    def destroy(self, *, skip_preview: bool = False) -> subprocess.CompletedProcess[str]:
        """Run `pulumi destroy --yes`, with or without its preview; return the exit code and output."""
        with self._sandbox.operation():
            return self._pulumi("destroy", "--yes", "--color=never", *(["--skip-preview"] if skip_preview else []))

    def unprotect(self, urn: str) -> None:
        """Run `pulumi state unprotect`, after which an `up` can delete a resource."""
        self._pulumi("state", "unprotect", urn, "--yes").check_returncode()

    def state(self) -> str:
        """Return the exported state as JSON text, including secrets."""
        exported = self._pulumi("stack", "export", "--show-secrets")
        exported.check_returncode()
        return exported.stdout

    def _pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._sandbox.pulumi(*arguments, "--stack", self.stack.name)


def _load(project: Project) -> None:
    """Import the program's modules while the CLI starts; errors are left for the program to raise."""
    with suppress(Exception), _first_on_path(project.folder):
        for module in project.modules:
            importlib.import_module(module)


def run_program(folder: Path) -> None:
    """Run a project's `__main__.py` with its folder first on the path, as the language host does."""
    with _first_on_path(folder):
        runpy.run_path(str(folder / "__main__.py"), run_name="__main__")


@contextmanager
def _first_on_path(folder: Path) -> Generator[None]:
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
