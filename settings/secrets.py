"""The secret settings: which there are, what for, which stacks need them, and what can be wrong with them.

A secret is a flat key of its own (`taskflow:name`), set by `pulumi config set --secret` and read by `require_secret`
where it is used. It stands in no model, so that no error and no printed settings can show it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from settings.errors import Problem, Unshown
from settings.stacks import STACKS


@dataclass(frozen=True, kw_only=True)
class SecretSetting:
    """One secret setting: its full key, its purpose, and the stacks that have it. One not required may be left out.

    `allowed` says which values `pattern` takes (of the whole text); `placeholder` is one of them, which stands in where
    the secret isn't at hand.
    """

    key: str
    purpose: str
    stacks: tuple[str, ...]
    required: bool = True
    allowed: str = ""
    pattern: str = "(?s:.*)"
    placeholder: str = "Placeholder0Placeholder0Placeholder0"

    def command(self, stack: str) -> str:
        """Give the command that sets it; Pulumi asks for the value, so that no shell's history has it."""
        return f"pulumi config set --secret {self.key} --stack {stack}"


# The load balancer reads * and ? in it as wildcards, ignores case, and takes 128 characters at most.
_HEADER = "32 to 128 letters and digits, such as `openssl rand -hex 32` makes"
_HEADER_PATTERN = "[A-Za-z0-9]{32,128}"

SECRETS: tuple[SecretSetting, ...] = (
    SecretSetting(
        key="taskflow:originSecret",
        purpose="what CloudFront says to the load balancer, the same in both stacks",
        stacks=STACKS,
        allowed=_HEADER,
        pattern=_HEADER_PATTERN,
    ),
    SecretSetting(
        key="taskflow:originSecretPrevious",
        purpose="the value before, or after, which the load balancer accepts too while it is rotated",
        stacks=STACKS,
        required=False,
        allowed=_HEADER,
        pattern=_HEADER_PATTERN,
    ),
    SecretSetting(
        key="taskflow:pagerDutyUrl",
        purpose="where PagerDuty takes CloudWatch's alarms: the integration's own address",
        stacks=STACKS,
        allowed="an https address of PagerDuty's, as it shows for an Amazon CloudWatch integration",
        # Of its two service regions; a service's integration, or an event orchestration's.
        pattern=r"https://events\.(eu\.)?pagerduty\.com/(integration/[A-Za-z0-9_-]+/enqueue|x-ere/[A-Za-z0-9_-]+)",
        placeholder="https://events.pagerduty.com/integration/placeholder/enqueue",
    ),
)


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
        elif not re.fullmatch(secret.pattern, values[key]):
            hint = f"set another one:\n{command}"
            yield Problem(file=file, path=key, value=Unshown.HIDDEN, allowed=secret.allowed, hint=hint)
