"""The edits that are made of a small state, and what becomes of them."""

import json
from collections.abc import Mapping, Sequence

from policies.engine.expectations import equals, is_true, property_rule
from policies.engine.export import read_states
from policies.engine.rule import ResourceRule
from reports.conformance.rows import Row
from tests.mutants.figures import figures_of
from tests.mutants.mutants import Mutant, mutants_of
from tests.mutants.run import Outcome, judge_all
from tests.mutants.survivors import Entry, compare, read_reviewed, updated

STACK = "urn:pulumi:production::taskflow"
INSTANCE, BUCKET_POLICY = "aws:rds/instance:Instance", "aws:s3/bucketPolicy:BucketPolicy"
KEY = "aws:kms/alias:Alias"


def _state(kind: str, name: str, *, protect: bool = False, **inputs: object) -> Mapping[str, object]:
    urn = f"{STACK}::{kind}::{name}"
    outputs = {**inputs, "arn": f"arn:aws:x:us-east-1:987654321098:{name}"}
    return {"urn": urn, "type": kind, "id": name, "inputs": inputs, "outputs": outputs, "protect": protect}


# What AWS requires of an instance besides.
REQUIRED = {"identifier": "database", "instanceClass": "db.t4g.micro", "engine": "postgres"}
DATABASE = _state(INSTANCE, "database", protect=True, deletionProtection=True, backupRetentionPeriod=30, **REQUIRED)
ROWS = [
    Row(section="", requirement="30 days", find={"type": INSTANCE, "name": "*"}, each={"backupRetentionPeriod": 30})
]


def _mutants(*states: Mapping[str, object], rows: Sequence[Row] = ()) -> list[Mutant]:
    exported = read_states(states)
    return mutants_of(exported.inputs, exported.stack.resources, figures_of(exported.inputs, rows))


def _edits(mutants: Sequence[Mutant]) -> list[tuple[str, str, object]]:
    """Return the property, the kind and the new value of each, without those of whole resources."""
    return [(mutant.property_name, mutant.kind, _shown(mutant)) for mutant in mutants if mutant.edit]


def _shown(mutant: Mutant) -> object:
    removed = mutant.edit is None or mutant.kind == "removed"
    return None if removed or mutant.edit is None else mutant.edit.value


def test_flags_and_numbers() -> None:
    """A switch is inverted, a number gets larger, smaller and 0; what concerns no guard stays as it is."""
    mutants = _mutants(DATABASE, rows=ROWS)
    assert [mutant.kind for mutant in mutants if mutant.edit is None] == ["left out", "unprotected"]
    assert _edits(mutants) == [
        ("deletionProtection", "removed", None),
        ("deletionProtection", "inverted", False),
        ("backupRetentionPeriod", "removed", None),
        ("backupRetentionPeriod", "larger", 31),
        ("backupRetentionPeriod", "larger", 60),
        ("backupRetentionPeriod", "smaller", 29),
        ("backupRetentionPeriod", "smaller", 15),
        ("backupRetentionPeriod", "zero", 0),
    ]
    assert {mutant.property_name for mutant in mutants if mutant.figure} == {"(resource)", "backupRetentionPeriod"}


def test_what_the_provider_adds_is_not_removed() -> None:
    assert _edits(
        _mutants(_state(INSTANCE, "database", __defaults=["skipFinalSnapshot"], skipFinalSnapshot=False))
    ) == [("skipFinalSnapshot", "inverted", True)]


def test_references_and_choices() -> None:
    """A reference is pointed to another resource of its type and to another account, and a choice to AWS's others."""
    keys = [_state("aws:kms/key:Key", name) for name in ("one", "other")]
    arn = "arn:aws:x:us-east-1:{}:{}"
    database = _state(INSTANCE, "database", kmsKeyId=arn.format("987654321098", "one"))
    assert _edits(_mutants(*keys, database)) == [
        ("kmsKeyId", "removed", None),
        ("kmsKeyId", "another resource", arn.format("987654321098", "other")),
        ("kmsKeyId", "foreign", arn.format("111122223333", "one")),
    ]
    versioning = _state(
        "aws:s3/bucketVersioning:BucketVersioning", "files", versioningConfiguration={"status": "Enabled"}
    )
    assert _edits(_mutants(versioning)) == [
        ("versioningConfiguration", "removed", None),
        ("versioningConfiguration.status", "removed", None),
        ("versioningConfiguration.status", "another value", "Suspended"),
    ]


def test_policy_documents_are_opened() -> None:
    """Within a policy's JSON: what is allowed more widely, and what is denied more narrowly."""
    allowing = {"Effect": "Allow", "Principal": {"AWS": "987654321098"}, "Action": ["s3:GetObject"], "Resource": "*"}
    denying = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "*",
        "Condition": {"Bool": {"a": "false"}},
    }
    document = json.dumps({"Statement": [allowing, denying]})
    edits = _edits(_mutants(_state(BUCKET_POLICY, "files", policy=document)))
    assert [(name, kind) for name, kind, _ in edits if name.startswith("policy.Statement.*.")] == [
        ("policy.Statement.*.Principal", "opened"),
        ("policy.Statement.*.Principal.AWS", "opened"),
        ("policy.Statement.*.Principal.AWS", "foreign"),
        ("policy.Statement.*.Action", "opened"),
        ("policy.Statement.*.Action.*", "opened"),
        ("policy.Statement.*.Effect", "another value"),
        ("policy.Statement.*.Condition.Bool.a", "inverted"),
    ]
    assert [(name, kind) for name, kind, _ in edits if name == "policy.Statement.*"] == [
        ("policy.Statement.*", "removed")
    ]


RETENTION = property_rule(
    "backup-daily",
    section="Backup Schedule",
    description="Daily backups are kept for 30 days",
    types=INSTANCE,
    rows=(equals("backupRetentionPeriod", 30),),
)
DELETION = property_rule(
    "database-deletion",
    section="Backup Schedule",
    description="The database is protected",
    types=INSTANCE,
    rows=(is_true("deletionProtection"),),
)
EXPORT = json.dumps({"deployment": {"resources": [DATABASE]}})


def _survivors(*rules: ResourceRule) -> list[Mutant]:
    outcome: Outcome = judge_all({"production": EXPORT}, processes=1, rules=rules, rows=())
    return [mutant for mutant in outcome.survivors if mutant.edit]


def test_a_property_without_a_rule_survives() -> None:
    """The sandbox's own check refuses a number out of AWS's range, so that one isn't a survivor."""
    assert not _survivors(RETENTION, DELETION)
    assert {mutant.property_name for mutant in _survivors(RETENTION)} == {"deletionProtection"}
    without = _survivors(DELETION)
    assert {(mutant.kind, _shown(mutant)) for mutant in without} == {
        ("removed", None), ("larger", 31), ("smaller", 29), ("smaller", 15), ("zero", 0),
    }  # fmt: skip


def test_a_state_with_violations_has_no_mutants() -> None:
    unprotected = json.dumps({"deployment": {"resources": [_state(INSTANCE, "database", backupRetentionPeriod=30)]}})
    message = ""
    try:
        judge_all({"production": unprotected}, processes=1, rules=[DELETION])
    except ValueError as error:
        message = str(error)
    assert message == "production: the unchanged state violates database-deletion"


def _entry(kind: str = "inverted", count: int = 1, *, name: str = "deletionProtection", holds: str = "") -> Entry:
    return Entry(type=INSTANCE, name=name, edits={kind: count}, reason="of no matter", holds=holds)


def test_an_unreviewed_survivor_is_a_problem() -> None:
    survivors = _survivors(RETENTION)
    assert compare(survivors, [_entry(), _entry("removed")]).problems == []
    (problem,) = compare(survivors, [_entry()]).problems
    assert problem == f"a survivor isn't in the list: {INSTANCE} deletionProtection removed: production: database"
    assert compare([*survivors, *survivors], [_entry(), _entry("removed")]).unreviewed, "one more is a problem"


def test_an_entry_that_no_longer_survives_is_a_problem() -> None:
    (problem,) = compare([], [_entry()]).problems
    assert problem == f"the list has 1 survivors, and 0 are left: {INSTANCE} deletionProtection inverted"


def test_a_figure_of_the_document_is_no_survivor() -> None:
    """Unless the entry says why it is still true."""
    mutants = [mutant for mutant in _mutants(DATABASE, rows=ROWS) if mutant.kind == "larger"]
    listed = _entry("larger", 2, name="backupRetentionPeriod")
    assert [problem.partition(": ")[0] for problem in compare(mutants, [listed]).problems] == [
        "a figure of the document isn't held by a rule"
    ] * 2
    assert not compare(mutants, [_entry("larger", 2, name="backupRetentionPeriod", holds="stricter")]).problems
    assert compare(mutants, [_entry("larger", 2, name="backupRetentionPeriod", holds="default")]).figures


def test_an_updated_list_keeps_its_reasons() -> None:
    """A new survivor has to be reviewed before the list is valid again."""
    survivors = _survivors(RETENTION)
    entries = read_reviewed(updated(survivors, [_entry()]))
    assert {(*entry.edits, entry.reason) for entry in entries} == {
        ("inverted", "of no matter"), ("removed", "not reviewed yet"),
    }  # fmt: skip
    (problem,) = compare(survivors, entries).problems
    assert problem.startswith("a survivor isn't reviewed: ")
