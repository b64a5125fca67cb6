"""Loads the settings: of the running program from Pulumi's configuration, or of a stack from its file."""

from collections.abc import Generator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from settings.base import Block
from settings.errors import SettingsError
from settings.parse import parse, parse_blocks
from settings.secrets import SECRETS, SecretSetting
from settings.stack import Settings
from settings.stack_file import read_settings
from settings.yaml_values import as_pulumi

B = TypeVar("B", bound=Block)


@dataclass(frozen=True, kw_only=True)
class StackConfig:
    """Pulumi's configuration of the running stack: full keys with their values, and which of them are secret."""

    project: str
    stack: str
    file: str
    values: Mapping[str, str]
    secret_keys: Set[str]


def load() -> Settings:
    """Return the running stack's settings; raise pulumi.RunError, which Pulumi shows without a traceback."""
    config = _stack_config()
    with _run_errors():
        return parse(config.values, config.secret_keys, file=config.file, stack=config.stack, project=config.project)


def load_file(folder: Path, stack: str) -> Settings:
    """Return a stack's settings from its file, without Pulumi and without the secrets, which are neither read nor due.

    Raise StackFileError if the file can't be read, SettingsError with every problem if a setting is invalid.
    """
    file = folder / f"Pulumi.{stack}.yaml"
    # Reports unreadable YAML by file and line.
    read_settings(file)
    values, secret_keys = as_pulumi(file.read_text(encoding="utf-8"))
    secrets = {secret.key for secret in SECRETS}
    plain = {key: value for key, value in values.items() if key not in secrets}
    return parse(plain, secret_keys - secrets, file=file.name, stack=stack, declared=())


def load_blocks(model: type[B], *, secrets: Sequence[SecretSetting] = ()) -> B:
    """Return another program's settings, from a model with a field for each block that it uses.

    All checks of the blocks and of the program's secrets run, as for a whole stack file; raise pulumi.RunError with
    every problem.
    """
    config = _stack_config()
    with _run_errors():
        return parse_blocks(
            model, config.values, config.secret_keys, file=config.file, project=config.project,
            stack=config.stack, declared=secrets,
        )  # fmt: skip


def _stack_config() -> StackConfig:
    # Imported here, because parsing, validation and the schema must work without Pulumi.
    import pulumi
    from pulumi.runtime import config

    values = {key: str(value) for key, value in config.CONFIG.get().items()}
    stack = pulumi.get_stack()
    return StackConfig(
        project=pulumi.get_project(),
        stack=stack,
        file=f"Pulumi.{stack}.yaml",
        values=values,
        secret_keys={key for key in values if config.is_config_secret(key)},
    )


@contextmanager
def _run_errors() -> Generator[None]:
    """Turn a SettingsError into an error that Pulumi shows without a traceback."""
    import pulumi

    try:
        yield
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None
