"""The Dockerfile of the tools image, read as text: no test builds it."""

import re

import pytest

from sandbox.__main__ import PROJECT, STACKS
from tests.settings.support import as_data, changed, parsed

TEXT = (PROJECT / "operations" / "images" / "tools" / "Dockerfile").read_text()
INSTRUCTIONS = [line.replace("\\\n", " ") for line in re.findall(r"^[A-Z]+ (?:.*\\\n)*.*$", TEXT, re.MULTILINE) if line]


def _of(name: str) -> list[str]:
    return [line.partition(" ")[2] for line in INSTRUCTIONS if line.startswith(f"{name} ")]


def test_the_base_image_is_pinned_by_digest() -> None:
    builder, base = _of("FROM")
    assert re.fullmatch(r"public\.ecr\.aws/[a-z/]+:\d[\w.-]+@sha256:[0-9a-f]{64}", base)
    assert builder == f"{base} AS age"


def test_age_is_built_from_one_version_by_its_checksum() -> None:
    (build,) = (line for line in _of("RUN") if "go install" in line)
    assert re.fullmatch(r"(\w+=[\w/]+ )+go install filippo\.io/age/cmd/age@v\d+\.\d+\.\d+", build)
    assert not {"GOFLAGS", "GONOSUMDB", "GONOSUMCHECK", "GOPRIVATE", "GOSUMDB"} & set(re.findall(r"\w+(?==)", build))


def test_the_disk_of_a_task_is_a_volume_of_the_user() -> None:
    """The name is that of components/access/tools_task.py."""
    assert _of("VOLUME") == ['["/data"]']
    assert "mkdir --mode=700 /data && chown 1000:1000 /data" in _of("RUN")
    assert 'DISK, DISK_PATH = "disk", "/data"' in (PROJECT / "components/access/tools_task.py").read_text()


@pytest.mark.parametrize("stack", STACKS)
def test_the_user_and_psql_fit_the_stacks(stack: str) -> None:
    """The task's user is the image's, and psql's major version the server's."""
    settings = parsed(changed(as_data(stack), {}), stack=stack)
    user = settings.task.user
    assert _of("USER") == [f"{user}:{user}"]
    assert f":{user}:{user}:" in TEXT, "psql looks the user's name up"
    (install,) = (line for line in _of("RUN") if "postgresql" in line)
    assert f" postgresql{settings.rds.version.partition('.')[0]} " in install
    assert "dnf clean all" in install, "the package cache stays in the layer"


def test_psql_verifies_the_server_by_rds_certificates() -> None:
    (variables,) = _of("ENV")
    (source, target) = _of("ADD")[0].split()[-2:]
    assert source == "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem"
    assert dict(each.split("=") for each in variables.split()) == {
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": target,
    }


def test_the_image_contains_no_secret_and_no_file_of_ours() -> None:
    assert not _of("ARG")
    assert _of("COPY") == ["--from=age /usr/local/bin/age /usr/local/bin/age"]
