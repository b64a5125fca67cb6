"""Rules about passwords and tokens: made by a generator, long, in no other place than where they are used."""

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from policies.engine.expectations import expect, expect_false
from policies.engine.facts import Absent, Known, Resource, Unknown, Value
from policies.engine.graph import Found, Outside, Stack
from policies.engine.rule import Finding, ResourceRule, StackRule, Verdict, findings, report, violation
from policies.readers.resource_types import DB_INSTANCE, REDIS_GROUP, SECRETS

GENERATED = "random:index/randomPassword:RandomPassword"
CLUSTER = "aws:rds/cluster:Cluster"
MIN_LENGTH = 32
RECOVERY_DAYS = 30

# The inputs that hold a credential. Those that end in Wo are written to AWS and never kept in the state.
INPUTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        DB_INSTANCE: ("password", "passwordWo"),
        CLUSTER: ("masterPassword", "masterPasswordWo"),
        REDIS_GROUP: ("authToken", "authTokenWo"),
        "aws:secretsmanager/secretVersion:SecretVersion": ("secretString", "secretStringWo", "secretBinary"),
    }
)

# What Secrets Manager puts behind a name to make an ARN of it.
_LIKE_AN_ARN = re.compile(r"-[0-9A-Za-z]{6}$")

# What an exported state shows instead of any secret, and the least that can't be part of a text by chance.
_HIDDEN = "[secret]"
_TELLING = 8


def _generated(stack: Stack) -> Iterator[Finding]:
    for holder in stack.of(*INPUTS):
        for key in INPUTS[holder.type]:
            yield from findings(holder, _input(holder, key, stack))
        if holder.type in (DB_INSTANCE, CLUSTER):
            yield from findings(holder, _managed(holder))


def _input(holder: Resource, key: str, stack: Stack) -> Iterator[Verdict]:
    """An input that nothing is said of is left to AWS, which refuses it where it needs one."""
    if _sources(holder, key, stack):
        return
    # No output is compared: a copy of what was generated is still written out.
    match stack.refer(holder, holder.at(key), GENERATED, by=()):
        case Outside() if isinstance(holder.at(key).value, Unknown):
            yield violation(f"{key} is made from something that isn't generated", "a RandomPassword's result")
        case Outside():
            yield violation(f"{key} is written out", "a RandomPassword's result")
        case Unknown() as unknown:
            yield unknown
        case Found() | Absent():
            pass


def _managed(database: Resource) -> Iterator[Verdict]:
    for verdict in expect_false(database.at("manageMasterUserPassword"), default=False):
        yield (
            verdict
            if isinstance(verdict, Unknown)
            else f"{verdict}, because AWS refuses it for a database with replicas"
        )


def _contained(stack: Stack) -> Iterator[Finding]:
    generated = [(source, _telling(source)) for source in stack.of(GENERATED)]
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
    """The passwords that a property was made from, or whose text stands in it."""
    made_from = (resource.property_urns or {}).get(key, ())
    for source, text in generated:
        if source.urn in made_from or (source.urn != resource.urn and _holds(resource.at(key).value, text)):
            yield source


def _telling(source: Resource) -> str | None:
    """What was generated, where it is known and can't stand in another text by chance."""
    match source.at("result").text():
        case Known(value=text) if len(text) >= _TELLING and text != _HIDDEN:
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


def _length(generated: Resource) -> Iterator[Verdict]:
    match generated.at("length").scalar():
        case Known(value=int() as length) if length >= MIN_LENGTH:
            pass
        case Known(value=length):
            yield violation(f"length is {length}", f"{MIN_LENGTH} or more")
        case Unknown() as unknown:
            yield unknown
        case Absent():
            yield violation("length isn't set", f"{MIN_LENGTH} or more")


def _named(secret: Resource) -> Iterator[Verdict]:
    match secret.at("name").text():
        case Known(value=name) if _LIKE_AN_ARN.search(name):
            yield violation(f"name is {name}", "an ending that isn't a hyphen and six letters or digits")
        case Unknown() as unknown:
            yield unknown
        case _:
            pass


RULES = (
    StackRule(
        id="credentials-generated",
        section="Access Controls",
        description="Passwords and tokens are generated, never written out by a person",
        remedy="Make the input from a RandomPassword's result.",
        judge=_generated,
    ),
    StackRule(
        id="credentials-contained",
        section="Access Controls",
        description="A generated password is nowhere but in its secret and in what asks for it",
        remedy="Refer to the secret by its ARN instead of the password.",
        judge=_contained,
    ),
    ResourceRule(
        id="credentials-length",
        section="Access Controls",
        description=f"A generated password has at least {MIN_LENGTH} characters",
        remedy=f"Set length to {MIN_LENGTH} or more.",
        types=(GENERATED,),
        judge=_length,
    ),
    ResourceRule(
        id="credentials-names",
        section="Access Controls",
        description="No secret's name ends in a hyphen and six characters, as the ARN of a secret does",
        remedy="Choose another name: Secrets Manager takes what comes before the hyphen for the whole name.",
        types=SECRETS,
        judge=_named,
    ),
    ResourceRule(
        id="credentials-recovery",
        section="Backup & Recovery",
        description=f"A deleted secret can be brought back for {RECOVERY_DAYS} days",
        remedy=f"Leave recoveryWindowInDays out, or set it to {RECOVERY_DAYS}.",
        types=SECRETS,
        judge=lambda secret: expect(secret.at("recoveryWindowInDays"), RECOVERY_DAYS, default=RECOVERY_DAYS),
    ),
)
