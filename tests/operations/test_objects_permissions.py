"""Each call of `objects restore` is allowed to dba, by the planned policies."""

from collections.abc import Mapping

from operations.frame.errors import ExitCode
from operations.objects.restore import RestoreOptions, restore
from tests.components.access.test_people import act
from tests.engine.simulator import evaluate
from tests.operations.fake.task_definitions import ACCOUNT, REGION
from tests.operations.fake.world import World
from tests.operations.support import Terminal

FILES, RESTORES = (f"arn:aws:s3:::taskflow-production-{name}-{ACCOUNT}" for name in ("files", "restores"))
Need = tuple[str, str, Mapping[str, str]]
ROLE = (
    "iam:PassRole",
    f"arn:aws:iam::{ACCOUNT}:role/taskflow-files-restore-role",
    {"iam:PassedToService": "batchoperations.s3.amazonaws.com"},
)

# By operation: the actions, resources and keys of its request (Service Authorization Reference, Amazon S3).
NEEDS: Mapping[str, tuple[Need, ...]] = {
    "s3 ListObjectVersions": (("s3:ListBucketVersions", FILES, {}),),
    "s3 PutObject": (("s3:PutObject", f"{RESTORES}/manifests/0123456789abcdef/0123.csv", {}),),
    "s3control ListJobs": (("s3:ListJobs", "*", {}),),
    "s3control CreateJob": (("s3:CreateJob", "*", {"s3:RequestJobOperation": "S3PutObjectCopy"}), ROLE),
    "s3control DescribeJob": (("s3:DescribeJob", f"arn:aws:s3:{REGION}:{ACCOUNT}:job/0000", {}),),
    "logs PutLogEvents": (
        ("logs:PutLogEvents", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/taskflow/audit:log-stream:operations", {}),
    ),
}
# What every role may do; the simulator knows CreateLogStream for groups only (test_connect_permissions.py).
OTHERS = {"sts GetCallerIdentity", "logs CreateLogStream"}


def test_every_call_of_a_restore_is_allowed_to_dba() -> None:
    world = World()
    world.files.put("a", "old")
    world.clock.sleep(60)
    before = world.clock.now().isoformat()
    world.files.delete("a")
    options = RestoreOptions(before=before, prefix="")
    assert Terminal(world=world).run(lambda context: restore(context, options)) is ExitCode.SUCCESS
    assert set(world.wire.calls) - OTHERS == NEEDS.keys()
    needs = [need for each in NEEDS.values() for need in each]
    allowed = evaluate([act("dba", action, resource, keys) for action, resource, keys in needs])
    assert [need for need, is_allowed in zip(needs, allowed, strict=True) if not is_allowed] == []
