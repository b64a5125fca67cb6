"""Turns the values that Pulumi hands over into the stack's settings, or into one error with every problem. Pure.

Pulumi hands over a block or a list as JSON, and anything else as text, under full keys (`taskflow:network`). It has
decrypted the secrets: the value of a secret key is never shown.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from typing import TypeVar

from settings.base import Block, Location
from settings.errors import NoValue, Problem, SettingsError, nearest
from settings.provider import FORBIDDEN_KEYS
from settings.secrets import SECRETS, SecretSetting, secret_problems, secrets_of
from settings.shape import names, type_at
from settings.stack import PROJECT, PULUMI_KEYS, Settings, keys
from settings.stacks import STACKS, unknown_stack
from settings.validation import validate

B = TypeVar("B", bound=Block)

MAX_NAME_LENGTH = 60
# A key that is safe between quotes in a command, and in a terminal.
SHELL_SAFE = re.compile(r"[A-Za-z0-9:._\[\]-]+")
NO_SETTINGS = """\
no settings found.
Settings are keys such as `taskflow:network:` under `config:`. The file is empty or has only secrets, or `config:` is
missing, misspelled or indented."""


def parse(
    values: Mapping[str, str],
    secret_keys: Collection[str],
    *,
    file: str,
    stack: str,
    project: str = PROJECT,
    declared: Sequence[SecretSetting] = SECRETS,
) -> Settings:
    """Return the stack's settings; raise SettingsError, with every problem of the file, if any is invalid.

    `values` has the full keys with their values as Pulumi hands them over, `secret_keys` those that are encrypted in
    the file (one `secure:` value makes the whole block secret). `file` is the file's name in errors.
    """
    if stack not in STACKS:
        raise SettingsError(file, reason=unknown_stack(stack))
    hidden = frozenset(secret_keys)
    locations = keys(project)
    others = [*secrets_of(stack, declared), *PULUMI_KEYS]
    if not values.keys() - {*others}:
        raise SettingsError(file, reason=NO_SETTINGS)
    known = [*locations, *others]
    forbidden = values.keys() & FORBIDDEN_KEYS.keys()
    intended = {key: _intended_key(key, known) for key in values if key not in known and key not in forbidden}
    # A setting that is reported by its key isn't reported as missing too.
    reported = {*(key for key in locations if key in hidden), *intended.values()}

    problems = [
        *_secrets_in_blocks(locations, hidden & values.keys(), file=file, project=project),
        *secret_problems(values, hidden, file=file, stack=stack, declared=declared),
        *(
            Problem(file=file, path=key, value=NoValue.HIDDEN, allowed=f"nothing: {FORBIDDEN_KEYS[key]}")
            for key in forbidden
        ),
        *(_unknown_key(key, near, known, file=file, stack=stack, declared=declared) for key, near in intended.items()),
    ]
    by_name = _by_name(values, locations, hidden, project=project, stack=stack)
    settings, invalid = _validated(Settings, by_name, reported, file=file, project=project)
    problems += invalid
    if problems:
        raise SettingsError(file, _sorted(problems, known))
    return settings


def parse_blocks(
    model: type[B],
    values: Mapping[str, str],
    secret_keys: Collection[str],
    *,
    file: str,
    project: str,
    stack: str,
    declared: Sequence[SecretSetting],
) -> B:
    """Return another program's settings; raise SettingsError, with every problem, if a block or secret is invalid.

    The model has a field for each block that the program uses; other keys aren't checked.
    """
    locations: Mapping[str, Location] = {f"{project}:{name}": (name,) for name in names(model)}
    hidden = frozenset(secret_keys) & locations.keys()
    plain = values.keys() - hidden
    by_name = {str(location[0]): _decoded(values[key]) for key, location in locations.items() if key in plain}
    settings, invalid = _validated(model, by_name, hidden, file=file, project=project)
    problems = [
        *_secrets_in_blocks(locations, hidden, file=file, project=project),
        *secret_problems(values, frozenset(secret_keys), file=file, stack=stack, declared=declared),
        *invalid,
    ]
    if problems:
        raise SettingsError(file, _sorted(problems, [*locations, *secrets_of(stack, declared)]))
    return settings


def _validated(
    model: type[B], values: Mapping[str, object], reported: Collection[str | None], *, file: str, project: str
) -> tuple[B, Sequence[Problem]]:
    """Return the settings, and the problems without missing settings whose path is in `reported`."""
    settings, findings = validate(model, values, path=lambda location: dotted_path(location, project))
    problems: list[Problem] = []
    for finding in findings:
        path = dotted_path(finding.location, project)
        if not (finding.value is NoValue.NOT_SET and path in reported):
            problem = Problem(file=file, path=path, value=finding.value, allowed=finding.allowed, hint=finding.hint)
            problems.append(problem)
    return settings, problems


def dotted_path(location: Location, project: str = PROJECT) -> str:
    """Return the text of a location in the file: `taskflow:network.publicSubnets[1]`, `aws:region`."""
    key, rest = (
        (f"aws:{location[1]}", location[2:]) if location[0] == "aws" else (f"{project}:{location[0]}", location[1:])
    )
    return key + "".join(_step(part) for part in rest)


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    name = part if len(part) <= MAX_NAME_LENGTH else f"{part[:MAX_NAME_LENGTH]}…"
    return f".{name}" if re.fullmatch(r"[\w-]+", part) else f'["{name}"]'


def _intended_key(key: str, known: Collection[str]) -> str | None:
    """Return the known key that an unknown one means: the block that it is a path into, or the nearest key."""
    block = _block_of_path(key)
    return block if block in known else nearest_key(key, known)


def _block_of_path(key: str) -> str:
    """Return the key before a dotted path: `taskflow:network` of `taskflow:network.publicSubnets[1]`."""
    return re.split(r"[.\[]", key, maxsplit=1)[0]


def nearest_key(key: str, known: Collection[str]) -> str | None:
    """Return the known key that an unknown one most likely means: its name in another namespace, or a similar name."""
    namespace, _, name = key.partition(":")
    by_namespace: dict[str, list[str]] = {}
    for other in known:
        other_namespace, _, other_name = other.partition(":")
        if other_name.lower() == name.lower():
            return other
        by_namespace.setdefault(other_namespace, []).append(other_name)
    near_namespace = nearest(namespace, by_namespace)
    near_name = nearest(name, by_namespace[near_namespace]) if near_namespace else None
    return f"{near_namespace}:{near_name}" if near_name else None


def _by_name(
    values: Mapping[str, str], locations: Mapping[str, Location], hidden: Set[str], *, project: str, stack: str
) -> Mapping[str, object]:
    """Return the values under the names of Settings in the file, without secrets."""
    aws: dict[str, object] = {}
    by_name: dict[str, object] = {"project": project, "stack": stack, "aws": aws}
    for key, location in locations.items():
        if key in values and key not in hidden:
            target = aws if location[0] == "aws" else by_name
            is_text = type_at(Settings, location).base is str
            target[str(location[-1])] = values[key] if is_text else _decoded(values[key])
    return by_name


def _decoded(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _secrets_in_blocks(
    locations: Mapping[str, Location], hidden: Set[str], *, file: str, project: str
) -> Iterable[Problem]:
    """Report secrets where plain values are required."""
    for key in locations:
        if key in hidden:
            hint = (
                "a `secure:` value makes its whole block secret, and reading the block exposes it. Secrets are flat "
                f"keys:\npulumi config set --secret {project}:NAME --stack STACK"
            )
            yield Problem(file=file, path=key, value=NoValue.HIDDEN, allowed="plain values only", hint=hint)


def _unknown_key(
    key: str, near: str | None, known: Iterable[str], *, file: str, stack: str, declared: Sequence[SecretSetting]
) -> Problem:
    stacks = [name for secret in declared if secret.key == key for name in secret.stacks]
    hint, allowed = f"did you mean {near}?" if near else "", ", ".join(known)
    if stacks:
        hint = f"it is a secret of {' and '.join(stacks)}, not of {stack}"
    elif near == _block_of_path(key) and SHELL_SAFE.fullmatch(key) and near not in {s.key for s in declared}:
        allowed = f"the key {near}, with this path in its block"
        hint = (
            "without --path, `pulumi config set` takes a path as a name. Remove the key, and set the path:\n"
            f"pulumi config rm '{key}' --stack {stack}\n"
            f"pulumi config set --path '{key}' VALUE --stack {stack}"
        )
    return Problem(file=file, path=key[:MAX_NAME_LENGTH], value=NoValue.UNKNOWN, allowed=allowed, hint=hint)


def _sorted(problems: Iterable[Problem], known: Sequence[str]) -> list[Problem]:
    """Sort problems by the known keys' order and list items by number; unknown keys come last."""

    def order(problem: Problem) -> tuple[int, str]:
        key = next((key for key in known if re.match(rf"{re.escape(key)}(?![\w-])", problem.path)), None)
        padded = re.sub(r"\[(\d+)\]", lambda index: f"[{index[1]:0>6}]", problem.path)
        return (known.index(key) if key else len(known), padded)

    return sorted(problems, key=order)
