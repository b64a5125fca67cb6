"""Broken values of the roles of people."""

from collections.abc import Iterator, Sequence

from tests.settings.breaking import Rows, rejected

ACCESS = "taskflow:access"
CENTER = "arn:aws:iam::987654321098:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_OnCall"
PERSON = f"{CENTER}_0123456789abcdef"


def _people() -> Iterator[Rows]:
    for job in ("onCall", "devops", "dba", "databaseAccess", "breakGlass"):
        path = f"{ACCESS}.{job}.assumedBy"
        yield rejected(path, "1 to 20 ARNs", [], [*([PERSON] * 21)])
        yield rejected(path, "a value other than", [PERSON, PERSON], at=("[1]",))
        yield rejected(
            path, "the exact ARN", ["alice"], [f"{CENTER}*"], ["arn:aws:iam::987654321098:root"], at=("[0]",)
        )
        yield rejected(path, "16 hexadecimal digits", [CENTER], [f"{CENTER}_0123456789abcde"], at=("[0]",))
        yield rejected(path, "of the account", [PERSON.replace("987654321098", "111111111111")], at=("[0]",))


ROWS: Sequence[Rows] = (
    rejected(ACCESS, "a block of boundary", None),
    rejected(f"{ACCESS}.boundary", "a role's name", "two words", ""),
    *(
        row
        for job in ("onCall", "devops", "dba")
        for row in (
            rejected(f"{ACCESS}.{job}.role", "a role's name", "two words", ""),
            rejected(f"{ACCESS}.{job}.role", "a name other than taskflow:roles", "prod-db-access"),
        )
    ),
    *_people(),
)
