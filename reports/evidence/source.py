"""The states that evidence is made of: where they come from, and without the values of their secrets."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import cast

from policies.engine.export import Exported, read_export
from policies.rules import RULES
from reports.conformance.document import FOLDER
from reports.states import PROJECT, State, read_state
from settings.secrets import SECRETS
from settings.stacks import STACKS

HIDDEN = "(secret)"
# The engine's mark of a secret in a state.
_SIGNATURE = "4dabf18193072939515e22adb298388d"
# Shorter values, such as a number, would hide words of the pages.
_SHORTEST = 6


@dataclass(frozen=True, kw_only=True)
class Source:
    """One stack's state: its text, and where it comes from."""

    stack: str
    file: str
    made_at: str
    engine: str
    is_sandbox: bool
    text: str = field(repr=False)

    @cached_property
    def state(self) -> State:
        """Return the state, with the word (secret) in place of each secret."""
        state = read_state(self.stack, self.text)
        return replace(
            state,
            resources=[
                replace(each, inputs=_hidden(each.inputs), outputs=_hidden(each.outputs)) for each in state.resources
            ],
        )

    @cached_property
    def exported(self) -> Exported:
        """Return the state as the rules judge it: with secrets in plain text, where the state has them."""
        return read_export(self.text)

    @cached_property
    def secrets(self) -> Sequence[str]:
        """Return the plain texts of secrets, longest first, without those that are public or elsewhere in the state."""
        texts = list(_texts(cast("object", json.loads(self.text))))
        plain = {text for text, is_secret in texts if not is_secret}
        secret = {text for text, is_secret in texts if is_secret and len(text) >= _SHORTEST} - plain
        found = {text for text in secret if text not in _public()} | {each.placeholder for each in SECRETS}
        return sorted(found, key=lambda text: (-len(text), text))

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the file."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def read_source(stack: str, file: Path) -> Source:
    """Return the state in a file; ValueError, which names the file, if it isn't the state of this stack."""
    try:
        text = file.read_text(encoding="utf-8")
        document = cast("Mapping[str, Mapping[str, object]]", json.loads(text))
        state = read_state(stack, text)
        manifest = cast("Mapping[str, object]", document["deployment"].get("manifest") or {})
    except FileNotFoundError:
        raise ValueError(
            f"{file}: no such file; `pulumi stack export --stack {stack} --file {file}` writes it"
        ) from None
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise ValueError(f"{file}: not an exported state: {error}") from None
    if others := {resource.urn.split(":")[2] for resource in state.resources} - {stack}:
        raise ValueError(f"{file}: the state of {', '.join(sorted(others))}, not of {stack}")
    if not state.resources:
        raise ValueError(f"{file}: the state has no resources")
    return Source(
        stack=stack,
        file=file.name,
        made_at=f"{str(manifest.get('time', 'at an unknown time'))[:16].replace('T', ' ')} UTC",
        engine=str(manifest.get("version", "unknown")),
        # Only the sandbox sets them.
        is_sandbox=any(secret.placeholder in text for secret in SECRETS),
        text=text,
    )


def origin(sources: Sequence[Source]) -> str:
    """Return where the states come from, in one paragraph."""
    made = ", ".join(f"{source.stack} {source.made_at}" for source in sources)
    sandbox = [source.stack for source in sources if source.is_sandbox]
    if not sandbox:
        return f"**Export** of the deployed stacks, as Pulumi recorded them: {made}."
    which = "" if len(sandbox) == len(sources) else f" ({', '.join(sandbox)})"
    return (
        f"**Sandbox**{which}: states over stand-ins for AWS, with placeholders for secrets, recorded {made}. They show "
        "what the program builds, not what an account has."
    )


def redacted(text: str, sources: Sequence[Source]) -> str:
    """Return a text without the values of secrets."""
    for value in (value for source in sources for value in source.secrets):
        text = text.replace(value, HIDDEN)
    return text


def _hidden(inputs: Mapping[str, object]) -> Mapping[str, object]:
    return cast("Mapping[str, object]", _without(inputs))


def _without(value: object) -> object:
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value)
        return HIDDEN if _SIGNATURE in members else {key: _without(member) for key, member in members.items()}
    return [_without(each) for each in cast("list[object]", value)] if isinstance(value, list) else value


@cache
def _public() -> str:
    """Return what the repository says anyway: words of a secret list of rules, such as AWSManagedRulesSQLiRuleSet."""
    files = (*(PROJECT / f"Pulumi.{stack}.yaml" for stack in STACKS), FOLDER / "document.yaml")
    rules = (f"{rule.description} {rule.remedy}" for rule in RULES)
    return "\n".join((*(file.read_text(encoding="utf-8") for file in files), *rules))


def _texts(value: object, *, is_secret: bool = False) -> Iterator[tuple[str, bool]]:
    """Return the texts of a state, and whether a secret contains them; JSON in a secret is read."""
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value)
        if _SIGNATURE in members:
            yield from _texts(members.get("plaintext"), is_secret=True)
            return
        for member in members.values():
            yield from _texts(member, is_secret=is_secret)
    elif isinstance(value, list):
        for each in cast("list[object]", value):
            yield from _texts(each, is_secret=is_secret)
    elif isinstance(value, str):
        yield value, is_secret
        yield from _texts(_read(value) if is_secret else None, is_secret=is_secret)


def _read(text: str) -> object:
    """Return what a JSON text has; nothing for another text."""
    try:
        return cast("object", json.loads(text)) if text[:1] in ("{", "[", '"') else None
    except ValueError:
        return None
