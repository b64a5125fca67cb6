"""The secret settings: purpose, stacks, allowed values, and what can be wrong with them.

A secret is a flat key (`taskflow:name`), set by `pulumi config set --secret` and read by `require_secret` where it is
used. It is in no model, so that neither errors nor printed settings can show it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from settings.errors import NoValue, Problem
from settings.stacks import STACKS


@dataclass(frozen=True, kw_only=True)
class SecretSetting:
    """One secret setting: its full key, its purpose, its stacks, and whether it is required.

    `allowed` describes the values that `pattern` matches (as a whole); `placeholder` is one of them, used where the
    secret isn't available.
    """

    key: str
    purpose: str
    stacks: tuple[str, ...]
    required: bool = True
    allowed: str = ""
    pattern: str = "(?s:.*)"
    placeholder: str = "Placeholder0Placeholder0Placeholder0"

    def command(self, stack: str) -> str:
        """Return the command that sets it; Pulumi asks for the value, so that no shell's history has it."""
        return f"pulumi config set --secret {self.key} --stack {stack}"


# The load balancer treats * and ? as wildcards, ignores case, and takes 128 characters at most.
_HEADER = "32 to 128 letters and digits, such as the output of `openssl rand -hex 32`"
_HEADER_PATTERN = "[A-Za-z0-9]{32,128}"

ORIGIN_SECRET = SecretSetting(
    key="taskflow:originSecret",
    purpose="the header by which the load balancer recognizes CloudFront, the same in both stacks",
    stacks=STACKS,
    allowed=_HEADER,
    pattern=_HEADER_PATTERN,
)
PAGER_DUTY_URL = SecretSetting(
    key="taskflow:pagerDutyUrl",
    purpose="the URL of PagerDuty's Amazon CloudWatch integration, which receives the alarms",
    stacks=STACKS,
    allowed="an https URL of PagerDuty, as shown for an Amazon CloudWatch integration",
    # PagerDuty's two service regions; a service's integration, or an event orchestration's.
    pattern=r"https://events\.(eu\.)?pagerduty\.com/(integration/[A-Za-z0-9_-]+/enqueue|x-ere/[A-Za-z0-9_-]+)",
    placeholder="https://events.pagerduty.com/integration/placeholder/enqueue",
)

# TaskFlow's; another program lists its own beside its settings.
SECRETS: tuple[SecretSetting, ...] = (
    ORIGIN_SECRET,
    SecretSetting(
        key="taskflow:originSecretPrevious",
        purpose="the previous or next originSecret, which the load balancer accepts too during a rotation",
        stacks=STACKS,
        required=False,
        allowed=_HEADER,
        pattern=_HEADER_PATTERN,
    ),
    PAGER_DUTY_URL,
)


def secrets_of(stack: str, declared: Sequence[SecretSetting]) -> Mapping[str, SecretSetting]:
    """Return a stack's secret settings by their keys."""
    return {secret.key: secret for secret in declared if stack in secret.stacks}


def secret_problems(
    values: Mapping[str, str], secret_keys: Set[str], *, file: str, stack: str, declared: Sequence[SecretSetting]
) -> Iterator[Problem]:
    """Report each of the stack's secrets that is missing, in plain text, empty or invalid; never show its value."""
    for key, secret in secrets_of(stack, declared).items():
        command = secret.command(stack)
        if key not in values:
            if secret.required:
                allowed = f"a secret: {secret.purpose}"
                yield Problem(file=file, path=key, value=NoValue.NOT_SET, allowed=allowed, hint=f"set it:\n{command}")
        elif key not in secret_keys:
            hint = f"it is in plain text, so it is compromised: encrypt a new value:\n{command}"
            yield Problem(file=file, path=key, value=NoValue.HIDDEN, allowed="an encrypted value", hint=hint)
        elif not values[key].strip():
            hint = f"it is encrypted and empty:\n{command}"
            yield Problem(file=file, path=key, value=NoValue.HIDDEN, allowed=f"a secret: {secret.purpose}", hint=hint)
        elif not re.fullmatch(secret.pattern, values[key]):
            hint = f"set another value:\n{command}"
            yield Problem(file=file, path=key, value=NoValue.HIDDEN, allowed=secret.allowed, hint=hint)
