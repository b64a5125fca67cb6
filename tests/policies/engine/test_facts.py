"""Reading a resource: three states and no exception, in each form in which the engine passes properties."""

import pytest
from pulumi_policy.proxy import UNKNOWN_NUMBER_VALUE, UNKNOWN_STRING_VALUE, UnknownValueError, unknown_checking_proxy

from policies.engine.facts import ABSENT, Fact, Known, Resource, Scalar, Unknown
from policies.engine.graph import Found, Outside, Stack

URN = "urn:pulumi:production::taskflow::taskflow:network:ProductionVpc$aws:ec2/vpc:Vpc::main::2"
PROPERTIES: dict[str, object] = {
    "text": "eu",
    "empty": "",
    "nothing": None,
    "whole": 443.0,
    "half": 0.5,
    "yes": True,
    "unknown": UNKNOWN_STRING_VALUE,
    "tags": {"Name": "a", "Owner": UNKNOWN_STRING_VALUE},
    "list": [{"port": 22.0}, UNKNOWN_NUMBER_VALUE],
    "json": '{"tags": {"Name": "b"}}',
    "broken": "{not json",
}
PLAIN = Resource(urn=URN, type="aws:ec2/vpc:Vpc", properties=PROPERTIES)
PROXIED = Resource(urn=URN, type="aws:ec2/vpc:Vpc", properties=unknown_checking_proxy(PROPERTIES))


@pytest.mark.parametrize("resource", [PLAIN, PROXIED], ids=["plain", "proxied"])
@pytest.mark.parametrize(
    ("path", "fact"),
    [
        (("text",), Known(value="eu")),
        (("empty",), ABSENT),
        (("nothing",), ABSENT),
        (("missing",), ABSENT),
        (("missing", "below"), ABSENT),
        (("text", "below"), ABSENT),
        (("whole",), Known(value=443)),
        (("half",), Known(value=0.5)),
        (("yes",), Known(value=True)),
        (("unknown",), Unknown(path=("unknown",))),
        (("unknown", "below"), Unknown(path=("unknown",))),
        (("tags", "Name"), Known(value="a")),
        (("tags", "Owner"), Unknown(path=("tags", "Owner"))),
        (("tags",), Known(value='{"Name": "a", "Owner": "(unknown)"}')),
    ],
)
def test_scalar(resource: Resource, path: tuple[str, ...], fact: Fact[Scalar]) -> None:
    """Absent, unknown and known are distinct, below a list of proxies too; whole numbers are ints."""
    assert resource.at(path[0], *path[1:]).scalar() == fact


@pytest.mark.parametrize("resource", [PLAIN, PROXIED], ids=["plain", "proxied"])
def test_items_are_read_one_by_one(resource: Resource) -> None:
    """One unknown element leaves the others readable."""
    items = resource.at("list").items()
    assert isinstance(items, Known)
    first, second = items.value
    assert first.at("port").scalar() == Known(value=22)
    assert first.at("port").path == ("list", "0", "port")
    assert second.scalar() == Unknown(path=("list", "1"), sentinel=UNKNOWN_NUMBER_VALUE)


def test_items_of_other_values() -> None:
    assert PLAIN.at("missing").items() == ABSENT
    assert PLAIN.at("unknown").items() == Unknown(path=("unknown",))
    assert PLAIN.at("text").items() == Known(value=(PLAIN.at("text"),)), "a scalar is a list of one"


def test_text_is_as_in_json() -> None:
    assert PLAIN.at("whole").text() == Known(value="443")
    assert PLAIN.at("yes").text() == Known(value="true")


def test_json_text_is_parsed() -> None:
    assert PLAIN.at("json").parsed().at("tags", "Name").text() == Known(value="b")
    assert PLAIN.at("broken").parsed() == PLAIN.at("broken")
    assert PLAIN.at("tags").parsed() == PLAIN.at("tags")


def test_names_from_the_urn() -> None:
    """A logical name may contain the URN's separator."""
    assert (PLAIN.name, PLAIN.stack) == ("main::2", "production")


def test_the_engines_proxies_raise() -> None:
    """Otherwise one unknown would end a rule."""
    with pytest.raises(UnknownValueError):
        PROXIED.properties["unknown"]


def _resource(kind: str, name: str, parent: str | None = None, **properties: object) -> Resource:
    return Resource(
        urn=f"urn:pulumi:production::p::{kind}::{name}",
        type=kind,
        properties=properties,
        parent=f"urn:pulumi:production::p::{parent}" if parent else None,
        property_urns={},
    )


SUBNET, VPC = "aws:ec2/subnet:Subnet", "aws:ec2/vpc:Vpc"
COMPONENT = _resource("awsx:ec2:Vpc", "net")
MAIN = _resource(VPC, "main", "awsx:ec2:Vpc::net", id="vpc-1")
ONE, TWO = (_resource(SUBNET, name, f"{VPC}::main", id=f"subnet-{name}") for name in ("one", "two"))
NAMELESS = _resource(VPC, "nameless")


def _referring(value: object, *dependencies: Resource) -> Resource:
    return Resource(
        urn="urn:pulumi:production::p::aws:x/y:Y::y",
        type="aws:x/y:Y",
        properties={"ref": value},
        property_urns={"ref": tuple(resource.urn for resource in dependencies)},
    )


@pytest.mark.parametrize(
    ("value", "dependencies", "kind", "expected"),
    [
        ("vpc-1", (), VPC, Found(resource=MAIN)),
        ("vpc-1", (ONE,), VPC, Found(resource=MAIN)),
        ("vpc-9", (MAIN,), VPC, Outside(text="vpc-9")),
        ("vpc-9", (NAMELESS,), VPC, Found(resource=NAMELESS)),
        ("subnet-one", (), VPC, Outside(text="subnet-one")),
        (UNKNOWN_STRING_VALUE, (MAIN,), VPC, Found(resource=MAIN)),
        (UNKNOWN_STRING_VALUE, (COMPONENT, ONE, TWO), VPC, Found(resource=MAIN)),
        (UNKNOWN_STRING_VALUE, (COMPONENT, ONE, TWO), SUBNET, Unknown(path=("ref",))),
        (UNKNOWN_STRING_VALUE, (MAIN,), SUBNET, Outside(text="an output of main")),
        (UNKNOWN_STRING_VALUE, (), VPC, ABSENT),
        (None, (MAIN,), VPC, ABSENT),
    ],
    ids=[
        "by id",
        "by id, with any dependencies",
        "an id of another stack",
        "an id of a resource without known outputs",
        "an id of another type",
        "an output of one",
        "an output of a component",
        "an output of several",
        "an output of another type",
        "computed by the provider",
        "not set",
    ],
)
def test_reference(value: object, dependencies: tuple[Resource, ...], kind: str, expected: object) -> None:
    """By id if it is known, else by the property's dependencies; unknown if they are ambiguous."""
    stack = Stack.of_resources((COMPONENT, MAIN, ONE, TWO, NAMELESS))
    resource = _referring(value, *dependencies)
    assert stack.refer(resource, resource.at("ref"), kind) == expected


def test_each_unknown_element_refers_to_one_resource() -> None:
    """Two unknown ids that depend on two subnets are those two, in an unknown order."""
    stack = Stack.of_resources((ONE, TWO))
    resource = _referring([UNKNOWN_STRING_VALUE, UNKNOWN_STRING_VALUE], ONE, TWO)
    assert set(stack.refer_each(resource, resource.at("ref"), SUBNET)) == {Found(resource=ONE), Found(resource=TWO)}
    one = _referring([UNKNOWN_STRING_VALUE], ONE, TWO)
    assert stack.refer_each(one, one.at("ref"), SUBNET) == (Unknown(path=("ref", "0")),)
    assert stack.refer_each(one, one.at("missing"), SUBNET) == ()


def test_known_id_beside_an_unknown_one_is_outside() -> None:
    """The property's dependency is the unknown element."""
    stack = Stack.of_resources((NAMELESS,))
    resource = _referring([UNKNOWN_STRING_VALUE, "vpc-9"], NAMELESS)
    expected = (Found(resource=NAMELESS), Outside(text="vpc-9"))
    assert stack.refer_each(resource, resource.at("ref"), VPC) == expected
