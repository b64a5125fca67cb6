"""Chapter credentials: passwords and tokens are generated, long, and only where they are used."""

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from policies.engine.expectations import at_least, equals, expect_false, property_rule, row
from policies.engine.facts import Absent, Known, Node, Resource, Unknown, Value
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, StackRule, Verdict, findings, report, violation
from policies.readers.resource_types import DB_INSTANCE, REDIS_GROUP, SECRETS

GENERATED = "random:index/randomPassword:RandomPassword"
CLUSTER = "aws:rds/cluster:Cluster"
MIN_LENGTH = 32
RECOVERY_DAYS = 30

# The inputs that hold a credential. AWS's provider doesn't keep those that end in Wo in the state.
INPUTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        DB_INSTANCE: ("password", "passwordWo"),
        CLUSTER: ("masterPassword", "masterPasswordWo"),
        REDIS_GROUP: ("authToken", "authTokenWo"),
        "aws:secretsmanager/secretVersion:SecretVersion": ("secretString", "secretStringWo", "secretBinary"),
    }
)

# The form of the suffix that Secrets Manager adds to a name in an ARN.
_ARN_SUFFIX = re.compile(r"-[0-9A-Za-z]{6}$")

# An exported state has this text in place of any secret.
_HIDDEN = "[secret]"
# Shorter texts may be part of another one by chance.
_MIN_DISTINCT = 8


def _generated(stack: Stack) -> Iterator[Finding]:
    for holder in stack.of(*INPUTS):
        for key in INPUTS[holder.type]:
            yield from findings(holder, _input(holder, key, stack))
        if holder.type in (DB_INSTANCE, CLUSTER):
            yield from findings(holder, _no_managed_password(holder))


def _input(holder: Resource, key: str, stack: Stack) -> Iterator[Verdict]:
    """Require a generated value; AWS itself rejects a missing one where it is required."""
    if _sources(holder, key, stack):
        return
    # No outputs are compared: a literal copy of a generated value is a violation too.
    match stack.refer(holder, holder.at(key), GENERATED, by=()):
        case Outside() if isinstance(holder.at(key).value, Unknown):
            yield violation(f"{key} comes from a resource that isn't a RandomPassword", "a RandomPassword's result")
        case Outside():
            yield violation(f"{key} is a literal", "a RandomPassword's result")
        case Unknown() as unknown:
            yield unknown
        case Found() | Absent():
            pass


def _no_managed_password(database: Resource) -> Iterator[Verdict]:
    for verdict in expect_false(database.at("manageMasterUserPassword"), default=False):
        reason = "AWS rejects it for a database with replicas"
        yield verdict if isinstance(verdict, Unknown) else f"{verdict}: {reason}"


def _contained(stack: Stack) -> Iterator[Finding]:
    generated = [(source, _distinct_text(source)) for source in stack.of(GENERATED)]
    for resource in stack.resources:
        allowed = INPUTS.get(resource.type, ())
        keys: set[str] = {*resource.properties, *(resource.property_urns or {})}
        for key in sorted(keys):
            if key not in allowed:
                for source in _leaked(resource, key, generated):
                    inputs = ", ".join(each for keys in INPUTS.values() for each in keys)
                    found = f"{key} holds the generated password {source.name}"
                    yield report(resource, found, f"only in {inputs}")


def _leaked(resource: Resource, key: str, generated: Iterable[tuple[Resource, str | None]]) -> Iterator[Resource]:
    """Return the passwords that are sources of a property, or part of its text."""
    urns = (resource.property_urns or {}).get(key, ())
    for source, text in generated:
        if source.urn in urns or (source.urn != resource.urn and _holds(resource.at(key).value, text)):
            yield source


def _distinct_text(source: Resource) -> str | None:
    """Return the generated text, if it is known and too long to be part of another one by chance."""
    match source.at("result").text():
        case Known(value=text) if len(text) >= _MIN_DISTINCT and text != _HIDDEN:
            return text
        case _:
            return None


def _sources(resource: Resource, key: str, stack: Stack) -> tuple[Resource, ...]:
    urns = (resource.property_urns or {}).get(key, ())
    return tuple(source for source in stack.of(GENERATED) if source.urn in urns)


def _holds(value: Value, text: str | None) -> bool:
    if text is None:
        return False
    match value:
        case str():
            return text in value
        case list():
            return any(_holds(element, text) for element in value)
        case dict():
            return any(text in key or _holds(member, text) for key, member in value.items())
        case _:
            return False


def _name(name: Node) -> Iterator[Verdict]:
    match name.text():
        case Known(value=text) if _ARN_SUFFIX.search(text):
            yield violation(f"name is {text}", "an ending other than a hyphen and six letters or digits")
        case Unknown() as unknown:
            yield unknown
        case _:
            pass


RULES = (
    StackRule(
        id="credentials-generated",
        section="Access Controls",
        description="Every password and token is generated",
        remedy="Set the input to a RandomPassword's result.",
        judge=_generated,
        severity="high",
    ),
    StackRule(
        id="credentials-contained",
        section="Access Controls",
        description="A generated password is only in its secret and in the resource that uses it",
        remedy="Refer to the secret by its ARN instead of the password.",
        judge=_contained,
        severity="critical",
    ),
    property_rule(
        "credentials-length",
        section="Access Controls",
        description=f"Every generated password has at least {MIN_LENGTH} characters",
        types=GENERATED,
        rows=(at_least("length", MIN_LENGTH),),
    ),
    property_rule(
        "credentials-names",
        section="Access Controls",
        # Given such a name, Secrets Manager looks for a secret of the name before the hyphen.
        description="No secret's name ends in a hyphen and six characters, as the ARN of a secret does",
        types=SECRETS,
        rows=(row("name", "set name to one without a hyphen before its last six characters", _name),),
        severity="low",
    ),
    property_rule(
        "credentials-recovery",
        section="Backup & Recovery",
        description=f"A deleted secret can be restored for {RECOVERY_DAYS} days",
        types=SECRETS,
        rows=(equals("recoveryWindowInDays", RECOVERY_DAYS, default=RECOVERY_DAYS),),
    ),
)
