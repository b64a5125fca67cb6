"""Who may do what `taskflow data export` does, by the planned policies. tests/engine/test_iam.py has the task's role.

Who starts the task can't read what it gathers, and nobody else may start it, or read an archive.
"""

from tests.components.access.test_people import act
from tests.engine.simulator import evaluate
from tests.operations.fake.task_definitions import ACCOUNT, REGION

FILES, RESTORES = (f"arn:aws:s3:::taskflow-production-{name}-{ACCOUNT}" for name in ("files", "restores"))
EXPORT = f"{RESTORES}/exports/0123/change-1/4567"
CLUSTER = {"ecs:cluster": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/taskflow-production"}
# By action and resource: the keys of the request.
NEEDS = {
    ("ecs:RunTask", f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/taskflow-production-data-export:1"): CLUSTER,
    ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/taskflow-data-export-role"): {
        "iam:PassedToService": "ecs-tasks.amazonaws.com"
    },
    ("s3:PutObject", f"{EXPORT}/input/queries.sql"): {},
    ("s3:GetObject", f"{EXPORT}/archive.tar.age"): {},
}


def may(purpose: str) -> list[bool]:
    return evaluate([act(purpose, action, resource, keys) for (action, resource), keys in NEEDS.items()])


def test_devops_start_the_task_and_read_the_archive_but_not_the_files() -> None:
    assert all(may("devops"))
    assert evaluate([act("devops", "s3:ListBucket", FILES, {})]) == [True]
    assert evaluate([act("devops", "s3:GetObject", f"{FILES}/users/u-1/a", {})]) == [False]


def test_no_other_role_but_break_glass_may_do_any_of_it() -> None:
    assert all(may("break-glass"))
    for purpose in ("dba", "on-call", "database-access"):
        assert not any(may(purpose)), purpose
