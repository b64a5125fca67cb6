"""The secret settings: which there are, what for, which stacks need them, and what can be wrong with them.

A secret is a flat key of its own (`taskflow:name`), set by `pulumi config set --secret` and read by `require_secret`
where it is used. It stands in no model, so that no error and no printed settings can show it.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from settings.errors import Problem, Unshown


@dataclass(frozen=True, kw_only=True)
class SecretSetting:
    """One secret setting: its full key, its purpose, and the stacks that have it. One not required may be left out."""

    key: str
    purpose: str
    stacks: tuple[str, ...]
    required: bool = True

    def command(self, stack: str) -> str:
        """Give the command that sets it; Pulumi asks for the value, so that no shell's history has it."""
        return f"pulumi config set --secret {self.key} --stack {stack}"


SECRETS: tuple[SecretSetting, ...] = ()


def of_stack(declared: Sequence[SecretSetting], stack: str) -> Mapping[str, SecretSetting]:
    """Give the secret settings that a stack has, by their keys."""
    return {secret.key: secret for secret in declared if stack in secret.stacks}


def secret_problems(
    values: Mapping[str, str], secret_keys: Set[str], *, file: str, stack: str, declared: Sequence[SecretSetting]
) -> Iterator[Problem]:
    """Tell of each of the stack's secrets that isn't set, is set in plain text, or is empty; never of its value."""
    for key, secret in of_stack(declared, stack).items():
        command = secret.command(stack)
        if key not in values:
            if secret.required:
                allowed = f"a secret: {secret.purpose}"
                yield Problem(file=file, path=key, value=Unshown.NOT_SET, allowed=allowed, hint=f"set it:\n{command}")
        elif key not in secret_keys:
            hint = (
                f"it stands in plain text: take a new secret, since this one was readable, and encrypt it:\n{command}"
            )
            yield Problem(file=file, path=key, value=Unshown.HIDDEN, allowed="an encrypted value", hint=hint)
        elif not values[key].strip():
            hint = f"it is encrypted, and empty:\n{command}"
            yield Problem(file=file, path=key, value=Unshown.HIDDEN, allowed=f"a secret: {secret.purpose}", hint=hint)
