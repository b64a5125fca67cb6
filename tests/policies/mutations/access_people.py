"""Changes that violate the rules about the roles of people. Data only."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from tests.policies.compliant.access import (
    ACCOUNT,
    ATTACHMENT,
    BOUNDARY,
    CENTER,
    PEOPLE,
    boundary_statements,
    document,
    people_statements,
)
from tests.policies.mutations.database import PRODUCTION
from tests.policies.mutations.mutation import Change, Mutation, adds, mutation, removes, sets
from tests.policies.plan import REMOVED, Ref

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
TRUST, SESSION = "access-trust", "access-people"
IAM, IDENTITY_CENTER = 0, 1


def _trust(purpose: str, statement: int, changed: Mapping[str, object]) -> Change:
    """Change the conditions of a statement of a trust policy; None removes one."""
    statements = copy.deepcopy(people_statements(PEOPLE[purpose][1]))
    conditions = statements[statement]["Condition"]
    assert isinstance(conditions, dict)
    for operator, lines in changed.items():
        if lines is None:
            del conditions[operator]
        else:
            conditions[operator] = lines
    return sets(f"Role people-{purpose}", "assumeRolePolicy", document(*statements))


def _conditions(purpose: str) -> Iterator[Mutation]:
    at = f"people-{purpose}"
    for label, statement, changed, rules in (
        ("no MFA", IAM, {"Bool": None}, (TRUST,)),
        ("MFA excluded", IAM, {"Bool": {"aws:MultiFactorAuthPresent": "false"}}, (TRUST,)),
        ("MFA of any age", IAM, {"NumericLessThan": None}, (TRUST,)),
        ("MFA of two hours", IAM, {"NumericLessThan": {"aws:MultiFactorAuthAge": "7200"}}, (TRUST,)),
        ("anyone of the account with MFA", IAM, {"ArnEquals": None}, (TRUST,)),
        ("anyone of the account", IDENTITY_CENTER, {"ArnEquals": None}, (TRUST,)),
        ("every permission set", IDENTITY_CENTER, {"ArnEquals": {"aws:PrincipalArn": f"{CENTER[:-20]}*"}}, (TRUST,)),
        ("no ticket and no identity", IAM, {"StringLike": None}, (TRUST, SESSION)),
        ("no ticket", IDENTITY_CENTER, {"StringLike": {"sts:SourceIdentity": "?*"}}, (TRUST, SESSION)),
        ("no identity", IDENTITY_CENTER, {"StringLike": {"sts:RoleSessionName": ["incident-?*"]}}, (TRUST,)),
        ("any ticket", IDENTITY_CENTER,
         {"StringLike": {"sts:RoleSessionName": ["*"], "sts:SourceIdentity": "?*"}}, (SESSION,)),
    ):  # fmt: skip
        blamed = (f"{rule}@{at}" for rule in rules)
        yield mutation(f"{purpose}: {label}", _trust(purpose, statement, changed), *blamed, stacks=PRODUCTION)


def _roles(purpose: str, name: str, own: str, managed: Sequence[str]) -> Iterator[Mutation]:
    role, at = f"Role people-{purpose}", f"people-{purpose}"
    for label, change, blamed in (
        ("sessions of two hours", sets(role, "maxSessionDuration", 7200), f"access-trust@{at}"),
        ("no boundary", sets(role, "permissionsBoundary", REMOVED), f"access-people@{at}"),
        ("another boundary", sets(role, "permissionsBoundary", ADMINISTRATOR), f"access-people@{at}"),
        (
            "AWS's policy for backups",
            adds(
                ATTACHMENT, "added", role=Ref(to=role),
                policyArn="arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup",
            ),
            "access-roles@added",
        ),
        *(
            (f"no {each}", removes(f"RolePolicyAttachment {at}-{each.rpartition('/')[2]}"), f"access-roles@{at}")
            for each in managed
        ),
        *(((f"no {own}", removes(f"RolePolicy {at}"), f"access-roles@{at}"),) if own else ()),
    ):  # fmt: skip
        yield mutation(f"{purpose}: {label}", change, blamed, stacks=PRODUCTION)
    # Its attachments would then be another role's.
    attachments = (f"access-people@{at}-{each.rpartition('/')[2]}" for each in managed)
    renamed = sets(role, "name", f"{name}-2")
    yield mutation(f"{purpose}: another role", renamed, "access-roles@", *attachments, stacks=PRODUCTION)


def _boundary() -> Iterator[Mutation]:
    """Leave out each denied action, widen each exception, and leave out each resource."""
    for number, statement in enumerate(boundary_statements()):
        if statement["Effect"] == "Allow":
            continue
        for element in ("Action", "Resource"):
            values = cast("list[str]", statement[element])
            for value in values:
                rest = [each for each in values if each != value] or ["arn:aws:iam::aws:none"]
                yield _denial(f"{value} left out", number, {element: rest})
        if "Condition" in statement:
            other = {"ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/taskflow-devops"}}
            yield _denial("another exception", number, {"Condition": other})
            wider = {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}}
            yield _denial("everyone an exception", number, {"Condition": wider})
        else:
            exception = {"ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/prod-break-glass"}}
            yield _denial("an exception", number, {"Condition": exception})


def _denial(label: str, number: int, changed: Mapping[str, object]) -> Mutation:
    statements = [*boundary_statements()]
    statements[number] = {**statements[number], **changed}
    change = sets(BOUNDARY, "policy", document(*statements))
    return mutation(
        f"boundary, statement {number}: {label}", change, "access-boundary@people-boundary", stacks=PRODUCTION
    )


CHANGES = (
    *(case for purpose in PEOPLE for case in _conditions(purpose)),
    *(case for purpose, (name, _, own, managed) in PEOPLE.items() for case in _roles(purpose, name, own, managed)),
    *_boundary(),
)
