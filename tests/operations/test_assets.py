"""Web assets of a release, on moto's S3 and CloudFront; and what is expected of moto, one contract each.

moto answers only the operations in MOTO (tests/operations/fake/wire.py). It doesn't check the bucket's owner and
encryption, and its invalidations are complete at once.
"""

from pathlib import Path
from typing import Any

import pytest
from moto.backends import get_backend

from operations.frame.errors import ExitCode
from tests.operations.fake.validate import require_valid
from tests.operations.fake.wire import MOTO, clients
from tests.operations.fake.world import World
from tests.operations.support import Terminal

BUCKET = "taskflow-production-assets-987654321098"


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> World:
    """A world with the assets bucket and the two distributions, in moto."""
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "987654321098")
    world = World()
    world.push("v1.0.0")
    for service in ("s3", "cloudfront"):
        get_backend(service).reset()
    world.wire.restart()
    clients("us-east-1").s3.create_bucket(Bucket=BUCKET)
    world.distributions = {host: _distribution(host) for host in ("api.taskflow.app", "taskflow.app")}
    return world


def _distribution(host: str) -> str:
    origin = {"Id": "assets", "DomainName": "x.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}
    configuration: Any = {
        "CallerReference": host,
        "Aliases": {"Quantity": 1, "Items": [host]},
        "Comment": host,
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": {"TargetOriginId": "assets", "ViewerProtocolPolicy": "https-only"},
    }  # fmt: skip
    return clients("us-east-1").cloudfront.create_distribution(DistributionConfig=configuration)["Distribution"]["Id"]


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A build of the web application."""
    for name, text in (
        ("index.html", "<script src='/assets/app-3f2a1b4c.js'></script>"),
        ("assets/app-3f2a1b4c.js", "new"),
        ("assets/app-9c8d7e6f.css", "body {}"),
        ("favicon.svg", "<svg/>"),
        ("robots.txt", "User-agent: *"),
    ):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    return tmp_path


def test_files_have_their_cache_headers(cloud: World, build: Path) -> None:
    assert Terminal(world=cloud).release("v1.0.0", assets=build) is ExitCode.SUCCESS
    s3 = clients("us-east-1").s3
    headers = {
        name: (answer["CacheControl"], answer["ContentType"])
        for name in ("index.html", "assets/app-3f2a1b4c.js", "assets/app-9c8d7e6f.css", "favicon.svg", "robots.txt")
        for answer in [s3.head_object(Bucket=BUCKET, Key=name)]
    }
    forever = "public, max-age=31536000, immutable"
    assert headers == {
        "index.html": ("no-cache", "text/html; charset=utf-8"),
        "assets/app-3f2a1b4c.js": (forever, "text/javascript; charset=utf-8"),
        "assets/app-9c8d7e6f.css": (forever, "text/css; charset=utf-8"),
        "favicon.svg": ("no-cache", "image/svg+xml; charset=utf-8"),
        "robots.txt": ("no-cache", "text/plain; charset=utf-8"),
    }


def test_the_page_comes_last_and_only_it_is_invalidated(cloud: World, build: Path) -> None:
    terminal = Terminal(world=cloud)
    terminal.release("v1.0.0", assets=build)
    calls = cloud.wire.calls
    # After the deployment: the new page may use what only the new API has.
    assert calls.index("s3 PutObject") > max(n for n, call in enumerate(calls) if call == "ecs DescribeTasks")
    puts = [n for n, call in enumerate(calls) if call == "s3 PutObject"]
    assert calls[puts[-1] + 1] == "cloudfront CreateInvalidation"
    assert cloud.wire.keys[-1] == "index.html"
    cloudfront = clients("us-east-1").cloudfront
    listed = cloudfront.list_invalidations(DistributionId=cloud.distributions["taskflow.app"])["InvalidationList"]
    (summary,) = listed.get("Items", [])
    batch = cloudfront.get_invalidation(DistributionId=cloud.distributions["taskflow.app"], Id=summary["Id"])
    assert batch["Invalidation"]["InvalidationBatch"]["Paths"].get("Items") == ["/index.html"]


def test_a_second_run_uploads_only_what_may_have_changed(cloud: World, build: Path) -> None:
    terminal = Terminal(world=cloud)
    terminal.release("v1.0.0", assets=build)
    terminal.release("v1.0.0", assets=build)
    assert sorted(cloud.wire.keys) == ["favicon.svg", "index.html", "robots.txt"]


def test_old_files_stay_for_old_pages(cloud: World, build: Path) -> None:
    terminal = Terminal(world=cloud)
    terminal.release("v1.0.0", assets=build)
    (build / "assets/app-3f2a1b4c.js").rename(build / "assets/app-00000001.js")
    terminal.release("v1.0.0", assets=build)
    listed = clients("us-east-1").s3.list_objects_v2(Bucket=BUCKET, Prefix="assets/").get("Contents", [])
    assert {each.get("Key") for each in listed} == {
        "assets/app-00000001.js", "assets/app-3f2a1b4c.js", "assets/app-9c8d7e6f.css",
    }  # fmt: skip


def test_a_failed_release_publishes_nothing(cloud: World, build: Path) -> None:
    cloud.ecs.migration = (40, 1)
    assert Terminal(world=cloud).release("v1.0.0", assets=build) is ExitCode.FAILED
    assert "s3 PutObject" not in cloud.wire.calls


def test_a_folder_without_a_page_is_refused(cloud: World, tmp_path: Path) -> None:
    assert Terminal(world=cloud).release("v1.0.0", assets=tmp_path) is ExitCode.USAGE


def test_the_recovery_stack_publishes_none(build: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Terminal(world=World(), stack="dr").release("v1.0.0", assets=build) is ExitCode.USAGE
    assert "taskflow-dr has no web assets" in capsys.readouterr().err


# The contracts: what the commands rely on, in answers that AWS's models allow.


def _contract_list_objects_v2(world: World) -> None:
    s3 = clients("us-east-1").s3
    for name in ("a/1", "a/2", "b"):
        s3.put_object(Bucket=BUCKET, Key=name, Body=b"12345")
    answer = s3.list_objects_v2(Bucket=BUCKET, Prefix="a/", MaxKeys=1)
    assert [(each.get("Key"), each.get("Size")) for each in answer.get("Contents", [])] == [("a/1", 5)]
    assert answer["IsTruncated"] is True
    _valid(s3, "ListObjectsV2", answer)


def _contract_put_object(world: World) -> None:
    s3 = clients("us-east-1").s3
    _valid(s3, "PutObject", s3.put_object(Bucket=BUCKET, Key="a", Body=b"new", CacheControl="no-cache"))
    assert s3.get_object(Bucket=BUCKET, Key="a")["Body"].read() == b"new"


def _contract_list_distributions(world: World) -> None:
    cloudfront = clients("us-east-1").cloudfront
    answer = cloudfront.list_distributions()
    found = {each["Aliases"].get("Items", [""])[0]: each["Id"] for each in answer["DistributionList"].get("Items", [])}
    assert found == world.distributions


def _contract_create_invalidation(world: World) -> None:
    cloudfront = clients("us-east-1").cloudfront
    answer = cloudfront.create_invalidation(
        DistributionId=world.distributions["taskflow.app"],
        InvalidationBatch={"Paths": {"Quantity": 1, "Items": ["/index.html"]}, "CallerReference": "1"},
    )
    assert answer["Invalidation"]["InvalidationBatch"]["Paths"].get("Items") == ["/index.html"]


CONTRACTS = {
    "s3 ListObjectsV2": _contract_list_objects_v2,
    "s3 PutObject": _contract_put_object,
    "cloudfront ListDistributions": _contract_list_distributions,
    "cloudfront CreateInvalidation": _contract_create_invalidation,
}


@pytest.mark.parametrize("operation", sorted(MOTO))
def test_moto_keeps_the_contract(operation: str, cloud: World) -> None:
    CONTRACTS[operation](cloud)


def _valid(client: Any, operation: str, answer: Any) -> None:
    values = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    require_valid(client.meta.service_model.operation_model(operation).output_shape, values, operation)
