"""The resources of the simulated AWS account: created, changed, looked up and deleted as AWS would.

A world is one account that both stacks share, so that names collide here as in AWS. It can be kept in a JSON file. A
test may edit the file between two operations: to change resources from outside, to take a name, to use another account,
to inject a fault, or to fail a region (`outage`), whose calls are then rejected and recorded.
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

# The control planes of IAM, CloudFront and Route 53 run here: global services fail with this region.
GLOBAL_REGION = "us-east-1"


class AwsError(Exception):
    """AWS rejects a call; the engine shows the message."""


@dataclass(frozen=True, kw_only=True)
class Provider:
    """A provider's configuration."""

    region: str = "us-east-1"
    allowed_accounts: tuple[str, ...] = ()
    default_tags: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(kw_only=True)
class AwsResource:
    """One existing resource: `inputs` from the program, `outputs` as AWS describes it."""

    type: str
    urn: str
    id: str
    region: str
    inputs: dict[str, Value]
    outputs: dict[str, Value]


@dataclass(kw_only=True)
class InjectedFault:
    """Fail the `at`-th create from now on (of `type`, if set): before or after AWS has created the resource."""

    at: int
    when: Literal["before", "after"] = "before"
    type: str | None = None


class World:
    """The account's resources. Thread-safe."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._lock = threading.RLock()
        self.account: str | None = None
        self.resources: dict[str, AwsResource] = {}
        self.create_counts: dict[str, int] = {}
        self.fault: InjectedFault | None = None
        self.outage: str | None = None
        self.rejected_calls: list[str] = []
        self._read()

    def check_account(self, provider: Provider) -> None:
        """Reject an account that the stack doesn't allow, as the provider does."""
        if provider.allowed_accounts and self.account_of(provider) not in provider.allowed_accounts:
            raise AwsError(f"AWS account ID not allowed: {self.account_of(provider)}")

    def account_of(self, provider: Provider) -> str:
        """Return the caller's account: the world's, or else the stack's allowed one."""
        return self.account or next(iter(provider.allowed_accounts), DEFAULT_ACCOUNT)

    def check_outage(self, token: str, region: str, call: str) -> None:
        """Reject and record a call to a failed region; an empty `region` means a global service."""
        if self.outage and token.startswith("aws:") and (region or GLOBAL_REGION) == self.outage:
            with self._lock:
                self.rejected_calls.append(f"{call} {token}")
            raise AwsError(f"RequestError: send request failed: {self.outage} can't be reached: {call} {token}")

    def create(self, token: str, urn: str, inputs: Mapping[str, Value], provider: Provider) -> AwsResource:
        """Create a resource; AwsError if its name is taken or a fault is injected."""
        with self._lock:
            self.check_outage(token, region_of(KINDS[token], inputs, provider), "create")
            fault = self._next_fault(token)
            if fault == "before":
                raise AwsError("InternalFailure: injected before the create")
            self._reject_taken_name(token, inputs, provider)
            self.create_counts[urn] = self.create_counts.get(urn, 0) + 1
            resource = self._describe(token, urn, inputs, provider)
            self.resources[_key(resource.type, resource.region, resource.id)] = resource
            if fault == "after":
                raise AwsError("RequestTimeout: injected after the create")
            return resource

    def update(self, resource: AwsResource, inputs: Mapping[str, Value], provider: Provider) -> AwsResource:
        """Change a resource in place: inputs change, computed outputs stay; AwsError for a forbidden change."""
        with self._lock:
            self.check_outage(resource.type, resource.region, "update")
            for name, error in KINDS[resource.type].change_errors.items():
                if inputs.get(name) not in (None, resource.inputs.get(name)):
                    raise AwsError(error)
            self._reject_downgrade(resource, inputs.get("engineVersion"))
            computed = {k: v for k, v in resource.outputs.items() if k not in resource.inputs}
            outputs = outputs_of(KINDS[resource.type], inputs, provider)
            resource.outputs = {**outputs, **{k: v for k, v in computed.items() if k not in outputs}}
            resource.inputs = dict(inputs)
            return resource

    def _reject_downgrade(self, resource: AwsResource, version: Value) -> None:
        """Reject a version below the running one; the provider sends the version only if it has changed."""
        running = resource.outputs.get("engineVersionActual")
        if version != resource.inputs.get("engineVersion") and is_lower(version, running):
            engine = resource.outputs.get("engine")
            raise AwsError(f"InvalidParameterCombination: Cannot upgrade {engine} from {running} to {version}")

    def delete(self, token: str, region: str, id_: str, arn: Value = None) -> None:
        """Delete a resource; AwsError if it is protected. A missing one is no error, as with AWS's provider.

        `arn` tells a revision from those after it, which have its id and stay.
        """
        with self._lock:
            self.check_outage(token, region, "delete")
            resource, guard = self.resources.get(_key(token, region, id_)), KINDS[token].deletion_guard
            if resource and KINDS[token].revision and resource.outputs["arn"] != arn:
                return
            if resource and guard and resource.inputs.get(guard) is True:
                raise AwsError(KINDS[token].deletion_error)
            self.resources.pop(_key(token, region, id_), None)

    def find(self, token: str, region: str, id_: str) -> AwsResource | None:
        """Return the resource of a type, region and id, if it exists."""
        with self._lock:
            return self.resources.get(_key(token, region, id_))

    def find_import(self, token: str, region: str, id_: str) -> AwsResource | None:
        """Return the resource that an import names, by its id or by the property that the type is imported by."""
        key = KINDS[token].imported_by
        if key is None:
            return self.find(token, region, id_)
        with self._lock:
            there = (r for r in self.resources.values() if r.type == token and r.region == region)
            return next((r for r in there if r.inputs.get(key) == id_), None)

    def _next_fault(self, token: str) -> Literal["before", "after"] | None:
        if self.fault is None or self.fault.type not in (None, token):
            return None
        self.fault.at -= 1
        if self.fault.at > 0:
            return None
        when, self.fault = self.fault.when, None
        return when

    def _reject_taken_name(self, token: str, inputs: Mapping[str, Value], provider: Provider) -> None:
        kind = KINDS[token]
        name = inputs.get(kind.unique) if kind.unique else None
        if name is None:
            return
        region = region_of(kind, inputs, provider)
        for other in self.resources.values():
            same_place = kind.unique_scope != "region" or other.region == region
            same_parent = kind.unique_within is None or other.inputs.get(kind.unique_within) == inputs.get(
                kind.unique_within
            )
            if other.type == token and same_place and same_parent and other.inputs.get(kind.unique or "") == name:
                raise AwsError(str(fill(kind.collision_error, {"name": name, "in": inputs, "region": region})))

    def _describe(self, token: str, urn: str, inputs: Mapping[str, Value], provider: Provider) -> AwsResource:
        kind = KINDS[token]
        region = region_of(kind, inputs, provider)
        digest = hashlib.sha256(f"{urn}#{self.create_counts[urn]}".encode()).hexdigest()
        context: dict[str, object] = {
            "hex": digest[:17],
            "hex8": digest[:8],
            "hex32": digest[:32],
            "number": str(int(digest[:8], 16)),
            "octet": str(int(digest[:2], 16)),
            "count": str(self.create_counts[urn]),
            "account": self.account_of(provider),
            "region": region,
            "name": inputs.get(kind.autoname or kind.unique or "", ""),
            "in": inputs,
            # Parts of ids and ARNs that follow from an input: a failover record's half, a web ACL's scope, an issuer.
            "half": f"_{inputs['setIdentifier']}" if inputs.get("setIdentifier") else "",
            "reach": "global" if inputs.get("scope") == "CLOUDFRONT" else "regional",
            "issuer": str(inputs.get("url", "")).removeprefix("https://"),
            "random": _random_text(inputs) if token.startswith("random:") else "",
        }
        context["id"] = fill(kind.id, context)
        # The bridged provider repeats the id among a resource's outputs, and policies read it there.
        outputs: dict[str, Value] = {"id": str(context["id"])}
        outputs |= {**_filled(kind.outputs, context), **outputs_of(kind, inputs, provider, context)}
        if kind.revision:
            outputs[kind.revision] = self.create_counts[urn]
        return AwsResource(
            type=token, urn=urn, id=str(context["id"]), region=region, inputs=dict(inputs), outputs=outputs
        )

    # The world's file.

    def reload(self) -> None:
        """Read the file again: a test may have edited it since the last operation."""
        with self._lock:
            self._read()

    def _read(self) -> None:
        if self._file is None:
            return
        data: dict[str, Any] = json.loads(self._file.read_text()) if self._file.exists() else {}
        self.account = data.get("account")
        resources = [AwsResource(**resource) for resource in data.get("resources", [])]
        self.resources = {_key(resource.type, resource.region, resource.id): resource for resource in resources}
        self.create_counts = data.get("create_counts", {})
        self.fault = InjectedFault(**data["fault"]) if data.get("fault") else None
        self.outage = data.get("outage")
        self.rejected_calls = data.get("rejected_calls", [])

    def save(self) -> None:
        """Write the file, once per operation: writing after each change would take most of its time."""
        if self._file is None:
            return
        with self._lock:
            self._write(self._file)

    def _write(self, file: Path) -> None:
        data = {
            "account": self.account,
            "fault": asdict(self.fault) if self.fault else None,
            "create_counts": self.create_counts,
            "outage": self.outage,
            "rejected_calls": self.rejected_calls,
            "resources": [asdict(resource) for resource in self.resources.values()],
        }
        part = file.with_suffix(".part")
        part.write_text(json.dumps(data, indent=1))
        part.replace(file)


def region_of(kind: Kind, inputs: Mapping[str, Value], provider: Provider) -> str:
    """Return a resource's region: its `region`, else the provider's; empty for a global resource."""
    return str(inputs.get("region") or provider.region) if kind.is_regional else ""


def outputs_of(
    kind: Kind, inputs: Mapping[str, Value], provider: Provider, context: Mapping[str, object] | None = None
) -> dict[str, Value]:
    """Return the outputs that depend on inputs only: the inputs, AWS's defaults for absent ones, and all tags."""
    outputs: dict[str, Value] = dict(inputs)
    if context is not None:
        outputs = {**_filled(kind.aws_defaults, context), **outputs}
    if kind.is_regional:
        outputs["region"] = region_of(kind, inputs, provider)
    if kind.has_tags:
        tags = inputs.get("tags")
        outputs["tagsAll"] = {**provider.default_tags, **(tags if isinstance(tags, dict) else {})}
    return outputs


def zones_of(region: str) -> list[str]:
    """Return six availability zones for any region; in AWS a region has two to six."""
    return [f"{region}{letter}" for letter in ZONES]


def _filled(templates: Mapping[str, Value], context: Mapping[str, object]) -> MutableMapping[str, Value]:
    return {name: fill(template, context) for name, template in templates.items()}


def _key(token: str, region: str, id_: str) -> str:
    return f"{token}::{region}::{id_}"


def _random_text(inputs: Mapping[str, Value]) -> str:
    """Return a random string as the random provider does: enabled kinds of characters, with their minimum counts."""
    length = inputs.get("length")
    kinds = {
        "Lower": "abcdefghijklmnopqrstuvwxyz",
        "Upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "Numeric": "0123456789",
        "Special": str(inputs.get("overrideSpecial") or "!@#$%&*()-_=+[]{}<>:?"),
    }
    enabled = {kind: chars for kind, chars in kinds.items() if inputs.get(kind.lower()) is not False}
    minima = [(chars, inputs.get(f"min{kind}")) for kind, chars in enabled.items()]
    text = [
        secrets.choice(chars) for chars, count in minima if isinstance(count, (int, float)) for _ in range(int(count))
    ]
    all_chars = "".join(enabled.values()) or kinds["Lower"]
    total = int(length) if isinstance(length, (int, float)) else 16
    text += [secrets.choice(all_chars) for _ in range(total - len(text))]
    secrets.SystemRandom().shuffle(text)
    return "".join(text)
