"""From the values that Pulumi hands over to the stack's settings, or to one error with all that is wrong. Pure.

Pulumi gives a block or a list as JSON, and anything else as text, under full keys (`taskflow:network`). It has
decrypted the secrets: a value under a secret key is shown nowhere, and judged by nothing but being empty.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from typing import TypeVar

from settings.base import Block, Place
from settings.errors import Problem, SettingsError, Unshown, nearest
from settings.judge import judge
from settings.provider import REFUSED_KEYS
from settings.secrets import SECRETS, SecretSetting, of_stack, secret_problems
from settings.shape import block_at, kind_of, names
from settings.stack import PROJECT, PULUMIS_OWN, Settings, keys
from settings.stacks import STACKS, unknown_stack
from settings.values import Text, Word

B = TypeVar("B", bound=Block)

LONGEST_NAME = 60
# A key that can stand in a command between quotes, and in a terminal as it is.
SHELL_SAFE = re.compile(r"[A-Za-z0-9:._\[\]-]+")
NO_SETTINGS = """\
Pulumi found no block of settings in this file.
They stand under `config:`, each a key such as `taskflow:network:`. The file is empty or has secrets alone, or `config:`
is missing, misspelt or indented."""


def parse(
    values: Mapping[str, str],
    secret_keys: Collection[str],
    *,
    file: str,
    stack: str,
    project: str = PROJECT,
    declared: Sequence[SecretSetting] = SECRETS,
) -> Settings:
    """Give the stack's settings; SettingsError, with every problem of the file, when anything is refused.

    `values` has the full keys with their values as Pulumi hands them over, `secret_keys` those that are encrypted in
    the file (a block is one as soon as a `secure:` stands in it). `file` is what errors call the file.
    """
    if stack not in STACKS:
        raise SettingsError(file, reason=unknown_stack(stack))
    hidden = frozenset(secret_keys)
    places = keys(project)
    beside = [*of_stack(declared, stack), *PULUMIS_OWN]
    if not values.keys() - {*beside}:
        raise SettingsError(file, reason=NO_SETTINGS)
    known = [*places, *beside]
    refused = values.keys() & REFUSED_KEYS.keys()
    meant = {key: _meant_key(key, known) for key in values if key not in known and key not in refused}
    # What is told of by its key isn't told of as lacking too.
    told = {*(key for key in places if key in hidden), *meant.values()}

    problems = [
        *_secrets_in_blocks(places, hidden & values.keys(), file=file, project=project),
        *secret_problems(values, hidden, file=file, stack=stack, declared=declared),
        *(
            Problem(file=file, path=key, value=Unshown.HIDDEN, allowed=f"nothing: {REFUSED_KEYS[key]}")
            for key in refused
        ),
        *(_unknown(key, found, known, file=file, stack=stack, declared=declared) for key, found in meant.items()),
    ]
    given = _given(values, places, hidden, project=project, stack=stack)
    settings, found = _judged(Settings, given, told, file=file, project=project)
    problems += found
    if problems:
        raise SettingsError(file, _in_order(problems, known))
    return settings


def parse_blocks(
    model: type[B], values: Mapping[str, str], secret_keys: Collection[str], *, file: str, project: str
) -> B:
    """Return another program's settings; SettingsError, with every problem of its blocks, when anything is refused.

    The model has a field for each block that the program takes; its other keys are its own matter.
    """
    places: Mapping[str, Place] = {f"{project}:{name}": (name,) for name in names(model)}
    hidden = frozenset(secret_keys) & places.keys()
    given = {str(place[0]): _decoded(values[key]) for key, place in places.items() if key in values.keys() - hidden}
    settings, found = _judged(model, given, hidden, file=file, project=project)
    problems = [*_secrets_in_blocks(places, hidden, file=file, project=project), *found]
    if problems:
        raise SettingsError(file, _in_order(problems, [*places]))
    return settings


def _judged(
    model: type[B], given: Mapping[str, object], told: Collection[str | None], *, file: str, project: str
) -> tuple[B, Sequence[Problem]]:
    """Judge what is given: the settings, and the problems but for what is missing at a path in `told`."""
    settings, findings = judge(model, given, path=lambda place: path(place, project))
    problems: list[Problem] = []
    for finding in findings:
        at = path(finding.place, project)
        if not (finding.value is Unshown.NOT_SET and at in told):
            problem = Problem(file=file, path=at, value=finding.value, allowed=finding.allowed, hint=finding.hint)
            problems.append(problem)
    return settings, problems


def path(place: Place, project: str = PROJECT) -> str:
    """Give the text for a place in the file: `taskflow:network.publicSubnets[1]`, `aws:region`."""
    key, rest = (f"aws:{place[1]}", place[2:]) if place[0] == "aws" else (f"{project}:{place[0]}", place[1:])
    return key + "".join(_step(part) for part in rest)


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    name = part if len(part) <= LONGEST_NAME else f"{part[:LONGEST_NAME]}…"
    return f".{name}" if re.fullmatch(r"[\w-]+", part) else f'["{name}"]'


def _meant_key(key: str, known: Collection[str]) -> str | None:
    """Return the known key that an unknown one means: the block of which it is a path, or the nearest."""
    block = _block_of_path(key)
    return block if block in known else nearest_key(key, known)


def _block_of_path(key: str) -> str:
    """Return the key before a dotted path: `taskflow:network` of `taskflow:network.publicSubnets[1]`."""
    return re.split(r"[.\[]", key, maxsplit=1)[0]


def nearest_key(key: str, known: Collection[str]) -> str | None:
    """Give the known key that an unknown one most likely means: the same name elsewhere, or one like it beside it."""
    namespace, _, name = key.partition(":")
    spaces: dict[str, list[str]] = {}
    for other in known:
        space, _, its_name = other.partition(":")
        if its_name.lower() == name.lower():
            return other
        spaces.setdefault(space, []).append(its_name)
    meant_space = nearest(namespace, spaces)
    meant = nearest(name, spaces[meant_space]) if meant_space else None
    return f"{meant_space}:{meant}" if meant else None


def _given(
    values: Mapping[str, str], places: Mapping[str, Place], hidden: Set[str], *, project: str, stack: str
) -> Mapping[str, object]:
    """Give the values as they stand in the file, under the names of Settings, without any secret."""
    aws: dict[str, object] = {}
    given: dict[str, object] = {"project": project, "stack": stack, "aws": aws}
    for key, place in places.items():
        if key in values and key not in hidden:
            target = aws if place[0] == "aws" else given
            target[str(place[-1])] = values[key] if _is_text(place) else _decoded(values[key])
    return given


def _is_text(place: Place) -> bool:
    return isinstance(kind_of(names(block_at(Settings, place[:-1]))[str(place[-1])]), Text | Word)


def _decoded(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _secrets_in_blocks(places: Mapping[str, Place], hidden: Set[str], *, file: str, project: str) -> Iterable[Problem]:
    """Tell of secrets where plain values are meant."""
    for key in places:
        if key in hidden:
            hint = (
                "a `secure:` value in a block makes all of it secret, and shows it once the block is read. Secrets are "
                f"flat keys of their own:\npulumi config set --secret {project}:NAME --stack STACK"
            )
            yield Problem(file=file, path=key, value=Unshown.HIDDEN, allowed="plain values only", hint=hint)


def _unknown(
    key: str, found: str | None, known: Iterable[str], *, file: str, stack: str, declared: Sequence[SecretSetting]
) -> Problem:
    elsewhere = [name for secret in declared if secret.key == key for name in secret.stacks]
    hint, allowed = f"did you mean {found}?" if found else "", ", ".join(known)
    if elsewhere:
        hint = f"it is a secret of {' and '.join(elsewhere)} only, not of {stack}"
    elif found == _block_of_path(key) and SHELL_SAFE.fullmatch(key) and found not in {s.key for s in declared}:
        allowed = f"the key {found}, with this path in its block"
        hint = (
            "`pulumi config set` without --path takes this path for a name. Remove it, and set it with --path:\n"
            f"pulumi config rm '{key}' --stack {stack}\n"
            f"pulumi config set --path '{key}' VALUE --stack {stack}"
        )
    return Problem(file=file, path=key[:LONGEST_NAME], value=Unshown.UNKNOWN_NAME, allowed=allowed, hint=hint)


def _in_order(problems: Iterable[Problem], known: Sequence[str]) -> list[Problem]:
    """Give the problems in the order of the known keys, list items by number, unknown keys at the end."""

    def order(problem: Problem) -> tuple[int, str]:
        key = next((key for key in known if re.match(rf"{re.escape(key)}(?![\w-])", problem.path)), None)
        numbered = re.sub(r"\[(\d+)\]", lambda found: f"[{found[1]:0>6}]", problem.path)
        return (known.index(key) if key else len(known), numbered)

    return sorted(problems, key=order)
