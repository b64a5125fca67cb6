"""What exists in the stand-in for AWS: made, changed, looked up and deleted as AWS would, without AWS.

One world is one account: both stacks live in it, so that names which would collide there collide here. It can be kept
in a file (JSON), which a test may edit between two operations to change things from outside, to take a name, to be
another account, to order a fault, or to lose a region (`outage`): what is tried there then is refused, and noted.
"""

import hashlib
import json
import secrets
import threading
from collections.abc import Mapping, MutableMapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from sandbox.diff import is_lower
from sandbox.kinds.kind import Kind, fill
from sandbox.kinds.table import KINDS
from sandbox.values import Value

DEFAULT_ACCOUNT = "123456789012"
ZONES = "abcdef"

# Where IAM's, CloudFront's and Route 53's control planes are: what has no region is lost with it.
GLOBAL_PLANES = "us-east-1"


class AwsError(Exception):
    """AWS refuses a call; the text is what the engine shows."""


@dataclass(frozen=True, kw_only=True)
class Provider:
    """What a provider was configured with."""

    region: str = "us-east-1"
    allowed_accounts: tuple[str, ...] = ()
    default_tags: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(kw_only=True)
class Thing:
    """One resource that exists: `inputs` as the program asked, `outputs` as AWS describes it."""

    type: str
    urn: str
    id: str
    region: str
    inputs: dict[str, Value]
    outputs: dict[str, Value]


@dataclass(kw_only=True)
class FaultOrder:
    """Fail the `at`-th create from now on (of `type`, if given): before AWS has made the thing, or after."""

    at: int
    when: Literal["before", "after"] = "before"
    type: str | None = None


class World:
    """The account's things. Safe to call from several threads."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._lock = threading.RLock()
        self.account: str | None = None
        self.things: dict[str, Thing] = {}
        self.made: dict[str, int] = {}
        self.fault: FaultOrder | None = None
        self.outage: str | None = None
        self.tried: list[str] = []
        self._read()

    def check_account(self, provider: Provider) -> None:
        """Refuse, as the provider does, when the caller's account isn't among those that the stack allows."""
        if provider.allowed_accounts and self.account_of(provider) not in provider.allowed_accounts:
            raise AwsError(f"AWS account ID not allowed: {self.account_of(provider)}")

    def account_of(self, provider: Provider) -> str:
        """Give the caller's account: the world's own, or else the one that the stack expects."""
        return self.account or next(iter(provider.allowed_accounts), DEFAULT_ACCOUNT)

    def reach(self, token: str, region: str, what: str) -> None:
        """Refuse what is asked of a lost region; a `region` of nothing stands for the global control planes."""
        if self.outage and token.startswith("aws:") and (region or GLOBAL_PLANES) == self.outage:
            with self._lock:
                self.tried.append(f"{what} {token}")
            raise AwsError(f"RequestError: send request failed: {self.outage} can't be reached: {what} {token}")

    def create(self, token: str, urn: str, inputs: Mapping[str, Value], provider: Provider) -> Thing:
        """Make a thing; AwsError when its name is taken or a fault was ordered for this create."""
        with self._lock:
            self.reach(token, region_of(KINDS[token], inputs, provider), "create")
            ordered = self._ordered_fault(token)
            if ordered == "before":
                raise AwsError("InternalFailure: injected before the create")
            self._refuse_taken_name(token, inputs, provider)
            self.made[urn] = self.made.get(urn, 0) + 1
            thing = self._describe(token, urn, inputs, provider)
            self.things[_key(thing.type, thing.region, thing.id)] = thing
            if ordered == "after":
                raise AwsError("RequestTimeout: injected after the create")
            return thing

    def update(self, thing: Thing, inputs: Mapping[str, Value], provider: Provider) -> Thing:
        """Change a thing in place: what it was computed to stays, what it is given changes; AwsError where it can't."""
        with self._lock:
            self.reach(thing.type, thing.region, "update")
            for name, refusal in KINDS[thing.type].unmovable.items():
                if inputs.get(name) not in (None, thing.inputs.get(name)):
                    raise AwsError(refusal)
            self._refuse_downgrade(thing, inputs.get("engineVersion"))
            computed = {k: v for k, v in thing.outputs.items() if k not in thing.inputs}
            fresh = outputs_of(KINDS[thing.type], inputs, provider)
            thing.outputs = {**fresh, **{k: v for k, v in computed.items() if k not in fresh}}
            thing.inputs = dict(inputs)
            return thing

    def _refuse_downgrade(self, thing: Thing, wanted: Value) -> None:
        """Raise AwsError for a version below the one that runs; the provider sends a version only when it changes."""
        running = thing.outputs.get("engineVersionActual")
        if wanted != thing.inputs.get("engineVersion") and is_lower(wanted, running):
            engine = thing.outputs.get("engine")
            raise AwsError(f"InvalidParameterCombination: Cannot upgrade {engine} from {running} to {wanted}")

    def delete(self, token: str, region: str, id_: str) -> None:
        """Delete a thing; one that is gone already is no error, as with AWS's providers. AwsError for a guarded one."""
        with self._lock:
            self.reach(token, region, "delete")
            thing, guard = self.things.get(_key(token, region, id_)), KINDS[token].guard
            if thing and guard and thing.inputs.get(guard) is True:
                raise AwsError(KINDS[token].guarded)
            self.things.pop(_key(token, region, id_), None)

    def find(self, token: str, region: str, id_: str) -> Thing | None:
        """Give the thing of that type, region and id, if it exists."""
        with self._lock:
            return self.things.get(_key(token, region, id_))

    def _ordered_fault(self, token: str) -> Literal["before", "after"] | None:
        if self.fault is None or self.fault.type not in (None, token):
            return None
        self.fault.at -= 1
        if self.fault.at > 0:
            return None
        when, self.fault = self.fault.when, None
        return when

    def _refuse_taken_name(self, token: str, inputs: Mapping[str, Value], provider: Provider) -> None:
        kind = KINDS[token]
        name = inputs.get(kind.unique) if kind.unique else None
        if name is None:
            return
        region = region_of(kind, inputs, provider)
        for other in self.things.values():
            same_place = kind.unique_scope != "region" or other.region == region
            same_parent = kind.unique_within is None or other.inputs.get(kind.unique_within) == inputs.get(
                kind.unique_within
            )
            if other.type == token and same_place and same_parent and other.inputs.get(kind.unique or "") == name:
                raise AwsError(str(fill(kind.collision, {"name": name, "in": inputs, "region": region})))

    def _describe(self, token: str, urn: str, inputs: Mapping[str, Value], provider: Provider) -> Thing:
        kind = KINDS[token]
        region = region_of(kind, inputs, provider)
        digest = hashlib.sha256(f"{urn}#{self.made[urn]}".encode()).hexdigest()
        context: dict[str, object] = {
            "hex": digest[:17],
            "hex8": digest[:8],
            "hex32": digest[:32],
            "number": str(int(digest[:8], 16)),
            "octet": str(int(digest[:2], 16)),
            "account": self.account_of(provider),
            "region": region,
            "name": inputs.get(kind.autoname or kind.unique or "", ""),
            "in": inputs,
            # What two kinds make of an input in their ids and ARNs: a record's half of a pair, a web ACL's reach.
            "half": f"_{inputs['setIdentifier']}" if inputs.get("setIdentifier") else "",
            "reach": "global" if inputs.get("scope") == "CLOUDFRONT" else "regional",
            "random": _random_text(inputs) if token.startswith("random:") else "",
        }
        context["id"] = fill(kind.id, context)
        # The bridged provider repeats the id among a resource's outputs, where rules find it.
        outputs: dict[str, Value] = {"id": str(context["id"])}
        outputs |= {**_filled(kind.outputs, context), **outputs_of(kind, inputs, provider, context)}
        return Thing(type=token, urn=urn, id=str(context["id"]), region=region, inputs=dict(inputs), outputs=outputs)

    # The file.

    def reload(self) -> None:
        """Read the file again: a test may have edited it between two operations."""
        with self._lock:
            self._read()

    def _read(self) -> None:
        if self._file is None:
            return
        data: dict[str, Any] = json.loads(self._file.read_text()) if self._file.exists() else {}
        self.account = data.get("account")
        self.things = {_key(t["type"], t["region"], t["id"]): Thing(**t) for t in data.get("things", [])}
        self.made = data.get("made", {})
        self.fault = FaultOrder(**data["fault"]) if data.get("fault") else None
        self.outage = data.get("outage")
        self.tried = data.get("tried", [])

    def save(self) -> None:
        """Write the file, once an operation is over: after each change it would take most of the operation's time."""
        if self._file is None:
            return
        with self._lock:
            self._write(self._file)

    def _write(self, file: Path) -> None:
        data = {
            "account": self.account,
            "fault": asdict(self.fault) if self.fault else None,
            "made": self.made,
            "outage": self.outage,
            "tried": self.tried,
            "things": [asdict(t) for t in self.things.values()],
        }
        part = file.with_suffix(".part")
        part.write_text(json.dumps(data, indent=1))
        part.replace(file)


def region_of(kind: Kind, inputs: Mapping[str, Value], provider: Provider) -> str:
    """Give the region a thing is in: its own `region`, the provider's, or none for what is account-wide."""
    return str(inputs.get("region") or provider.region) if kind.regional else ""


def outputs_of(
    kind: Kind, inputs: Mapping[str, Value], provider: Provider, context: Mapping[str, object] | None = None
) -> dict[str, Value]:
    """Give the outputs that follow from the inputs alone: the inputs themselves, AWS's answers to absent ones, tags."""
    outputs: dict[str, Value] = dict(inputs)
    if context is not None:
        outputs = {**_filled(kind.answers, context), **outputs}
    if kind.regional:
        outputs["region"] = region_of(kind, inputs, provider)
    if kind.tags:
        given = inputs.get("tags")
        own = given if isinstance(given, dict) else {}
        outputs["tagsAll"] = {**provider.default_tags, **own}
    return outputs


def zones_of(region: str) -> list[str]:
    """Give a region's availability zones. AWS has two to six by region; a look-up here answers with six."""
    return [f"{region}{letter}" for letter in ZONES]


def _filled(templates: Mapping[str, Value], context: Mapping[str, object]) -> MutableMapping[str, Value]:
    return {name: fill(template, context) for name, template in templates.items()}


def _key(token: str, region: str, id_: str) -> str:
    return f"{token}::{region}::{id_}"


def _random_text(inputs: Mapping[str, Value]) -> str:
    """Make a text as random's provider does: every wanted kind of character, at least as many as asked for."""
    length = inputs.get("length")
    kinds = {
        "Lower": "abcdefghijklmnopqrstuvwxyz",
        "Upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "Numeric": "0123456789",
        "Special": str(inputs.get("overrideSpecial") or "!@#$%&*()-_=+[]{}<>:?"),
    }
    wanted = {k: chars for k, chars in kinds.items() if inputs.get(k.lower()) is not False}
    minima = [(chars, inputs.get(f"min{k}")) for k, chars in wanted.items()]
    text = [
        secrets.choice(chars) for chars, least in minima if isinstance(least, (int, float)) for _ in range(int(least))
    ]
    every = "".join(wanted.values()) or kinds["Lower"]
    total = int(length) if isinstance(length, (int, float)) else 16
    text += [secrets.choice(every) for _ in range(total - len(text))]
    secrets.SystemRandom().shuffle(text)
    return "".join(text)
