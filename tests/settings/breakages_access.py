"""Broken values of the roles of people and workflows."""

from collections.abc import Iterator, Sequence

from settings.yaml_values import Json
from tests.settings.breaking import Rows, rejected

ACCESS, DELIVERY = "taskflow:access", "taskflow:delivery"
CENTER = "arn:aws:iam::987654321098:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_OnCall"
PERSON = f"{CENTER}_0123456789abcdef"

KEY = "arn:aws:kms:us-east-1:987654321098:key/01234567-89ab-cdef-0123-456789abcdef"
STATE: Json = {"bucket": "states", "key": KEY}


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
    rejected(DELIVERY, "a block of infrastructure", None),
    *(
        # Names alone may come to belong to someone else.
        rejected(
            f"{DELIVERY}.{name}",
            "OWNER@ID/NAME@ID",
            "taskflow/app",
            "taskflow@1/app",
            "taskflow@1/app@0",
            "*@1/app@2",
            "",
        )
        for name in ("infrastructure", "application")
    ),
    rejected(
        f"{DELIVERY}.application",
        "another repository than taskflow:delivery.infrastructure",
        "taskflow@1234567/infrastructure@234567890",
    ),
    rejected(f"{DELIVERY}.branch", "the name of a branch", "main*", "refs/heads/main", ""),
    rejected(f"{DELIVERY}.states", "1 or 2", [], [STATE, STATE, STATE]),
    rejected(f"{DELIVERY}.states", "a bucket other than", [STATE, STATE], at=("[1].bucket",)),
    rejected(f"{DELIVERY}.states[0].bucket", "3 to 63 lower-case", "s3://state", "State", "a"),
    rejected(f"{DELIVERY}.states[0].key", "the ARN of a KMS key", "alias/state", "arn:aws:kms:us-east-1:1:key/*"),
    rejected(f"{DELIVERY}.states[0].key", "a key of the account", KEY.replace("987654321098", "111111111111")),
)
