"""The auditor's folder shows what the states have, says where they come from, and contains no secret."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import cast

import pytest

from policies.rules import RULES
from reports.access_table import access_table
from reports.evidence import backups
from reports.evidence.__main__ import main
from reports.evidence.encryption import DATA, NO_DATA
from reports.evidence.folder import SHOWS, Evidence, FolderError, evidence, write
from reports.evidence.retention import STORES
from reports.evidence.source import HIDDEN, Source, origin, read_source, redacted
from settings.secrets import SECRETS
from settings.stacks import STACKS
from tests.engine.both import BothStacks

pytestmark = pytest.mark.xdist_group("both-stacks")
NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
OTHER = "AnotherSecretAnotherSecret000000"


@pytest.fixture(scope="module")
def files(both: BothStacks, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    folder = tmp_path_factory.mktemp("states")
    for stack in STACKS:
        (folder / f"{stack}.json").write_text(both[stack].state)
    return {stack: folder / f"{stack}.json" for stack in STACKS}


@pytest.fixture(scope="module")
def sources(files: Mapping[str, Path]) -> list[Source]:
    return [read_source(stack, files[stack]) for stack in STACKS]


@pytest.fixture(scope="module")
def made(sources: list[Source]) -> Evidence:
    return evidence(sources, [], NOW)


def test_nothing_is_wrong_in_the_sandboxs_states(made: Evidence) -> None:
    assert made.problems == []
    assert set(made.pages) == {"README.md", *SHOWS}
    assert f"{len(RULES)} rules, 0 exemptions" in made.pages["policies.md"]
    for sign in ("doesn't hold", "Not classified", "plain text is possible", "**none**", "no end**", "no lock"):
        assert not [name for name, text in made.pages.items() if sign in text and name != "drill.md"], sign


def test_every_page_says_that_it_is_from_the_sandbox(made: Evidence) -> None:
    assert not [name for name, text in made.pages.items() if "**Sandbox**" not in "".join(text.splitlines()[:3])]
    assert "in the sandbox nothing is ever backed up" in made.pages["backups.md"]


def test_no_page_contains_a_secret(made: Evidence, sources: list[Source]) -> None:
    passwords = {value for source in sources for value in _generated(source)}
    assert len(passwords) > 5
    for value in passwords | {secret.placeholder for secret in SECRETS}:
        assert not [name for name, text in made.pages.items() if value in text]


def _generated(source: Source) -> set[str]:
    """Return the plain texts that the generated passwords have in a state, found in another way than by the program."""
    return {json.loads(f'"{text}"') for text in re.findall(r'"plaintext":\s*"\\"([^"\\]{16,})\\""', source.text)}


def test_what_is_wrong_in_a_state_is_shown_without_its_secrets(sources: list[Source]) -> None:
    production = _changed(sources[0], "aws:lb/listenerRule:ListenerRule::origin-secret", "conditions", _other_secret)
    production = _changed(production, "aws:rds/instance:Instance::database-taskflow-production", "multiAz", False)
    production = _changed(production, "aws:sqs/queue:Queue::jobs", "kmsMasterKeyId", None)
    # As an export without --show-secrets has them.
    encrypted = re.sub(r'"plaintext": ?"(?:[^"\\]|\\.)*"', '"ciphertext": "v1:abc"', sources[1].text)
    pages = evidence([production, replace(sources[1], text=encrypted)], [], NOW).pages
    assert "dr: " in pages["policies.md"].partition("### Not decided")[2]
    assert (
        "**doesn't hold**: production: database-taskflow-production: multiAz is False, not True"
        in (pages["conformance.md"])
    )
    assert re.search(r"\| RDS\.5 \|.*\*\*production: 1 violation\*\*", pages["policies.md"])
    assert "| sqs Queue | `jobs` | **none** |" in pages["encryption.md"]
    assert "- **0** violations" not in pages["README.md"]
    assert "edge-secret: " in pages["policies.md"].partition("### Violations")[2]
    assert OTHER not in "".join(pages.values())


def _other_secret(conditions: object) -> object:
    value = cast("dict[str, str]", conditions)
    return {**value, "plaintext": value["plaintext"].replace(SECRETS[0].placeholder, OTHER)}


def test_secrets_are_removed_from_any_text(sources: list[Source]) -> None:
    """Also a secret that is a list: its texts, but not the words that the repository has anyway."""
    production = _changed(sources[0], "aws:lb/listenerRule:ListenerRule::origin-secret", "conditions", _other_secret)
    text = f"the header is {OTHER}; AWSManagedRulesCommonRuleSet, taskflow-production"
    assert redacted(text, [production]) == text.replace(OTHER, HIDDEN)
    assert OTHER not in repr([each.inputs for each in production.state.resources])


def _changed(source: Source, resource: str, key: str, value: object) -> Source:
    """Return a state with another value of a property; a function changes the one that there is."""
    document = json.loads(source.text)
    (found,) = [each for each in document["deployment"]["resources"] if each["urn"].endswith(resource)]
    for side in ("inputs", "outputs"):
        if key in found[side]:
            found[side][key] = value(found[side][key]) if callable(value) else value
    return replace(source, text=json.dumps(document))


def test_every_type_of_both_stacks_is_classified(sources: list[Source]) -> None:
    types = {each.type for source in sources for each in source.state.resources if each.type.startswith("aws:")}
    assert not {each for each in types if each not in DATA and not each.startswith(NO_DATA)}
    assert not {each for each in DATA if each.startswith(NO_DATA)}
    assert set(DATA) | {"aws:backup/plan:Plan"} >= set(STORES)


def test_every_store_has_the_source_of_its_figure(made: Evidence) -> None:
    rows = [line for line in made.pages["retention.md"].splitlines() if line.startswith("| ")]
    assert len(rows) > 40
    assert not [row for row in rows if row.endswith("|  |")]


def test_a_workflows_role_is_shown_with_its_token_and_with_what_is_denied_to_it(made: Evidence) -> None:
    """ReadOnlyAccess alone would say too much."""
    row = next(line for line in made.pages["access.md"].splitlines() if line.startswith("| `taskflow-ci-nightly`"))
    for words in (
        "| tokens of token.actions.githubusercontent.com |",
        "<br>sub: repo:taskflow@1234567/infrastructure@234567890:environment:nightly<br>",
        "<br>ref: refs/heads/main<br>",
        "ReadOnlyAccess<br>",
        "<br>denied actions: athena (2), ",
    ):
        assert words in row
    assert "on all but arn:aws:s3:::taskflow-pulumi-state-us-east-1/*" in made.pages["access.md"]


def test_links_lead_to_pages_of_the_folder(made: Evidence) -> None:
    for name, text in made.pages.items():
        for target, anchor in re.findall(r"\]\(([^)#\s]*)#?([^)\s]*)[^)]*\)", text):
            assert target in ("", *made.pages), f"{name}: {target}"
            page = made.pages[target or name]
            assert not anchor or anchor in _anchors(page), f"{name}: {target}#{anchor}"


@cache
def _anchors(page: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_an_export_is_named_as_such(sources: list[Source]) -> None:
    exports = [replace(source, is_sandbox=False) for source in sources]
    assert origin(exports).startswith("**Export** of the deployed stacks")
    assert origin([sources[0], exports[1]]).startswith("**Sandbox** (production)")
    assert "Pulumi doesn't know AWS's backups" in backups.page(exports, {}, [])


def test_the_command_writes_the_same_pages_with_their_checksums(
    made: Evidence, files: Mapping[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "backups.md"
    report.write_text("# Backups of taskflow-production\n\n## Restore tests\nNone.\n")
    folder = tmp_path / "evidence"
    arguments = ["--production", str(files["production"]), "--dr", str(files["dr"]), "--backup-report", str(report)]
    assert main([*arguments, "--folder", str(folder)]) == 0
    assert "begin with README.md" in capsys.readouterr().out
    text = (folder / "backups.md").read_text()
    assert "##### Restore tests" in text
    assert "Not shown here" not in text
    assert len((folder / "SHA256SUMS").read_text().splitlines()) == 1 + len(SHOWS)
    other = [name for name, text in made.pages.items() if (folder / name).read_text() != text]
    assert other == ["backups.md", "README.md"], "which have the report and the time"
    write(made, folder)
    assert (folder / "backups.md").read_text() == made.pages["backups.md"], "its own files are replaced"


def test_bad_inputs_are_named_all_at_once(
    files: Mapping[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "page.md").write_text("# Something else\n")
    swapped = ["--production", str(files["dr"]), "--dr", str(tmp_path / "none.json")]
    assert main([*swapped, "--backup-report", str(tmp_path / "page.md"), "--folder", str(tmp_path / "e")]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 3
    assert "the state of dr, not of production" in errors[0]
    assert "no such file; `pulumi stack export --stack dr" in errors[1]
    assert "not a page of `taskflow backup report --output`" in errors[2]
    assert not (tmp_path / "e").exists()


@pytest.mark.parametrize("text", ["{}", "not JSON", '{"deployment": []}', '{"deployment": {"resources": []}}'])
def test_a_file_that_is_no_state_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text(text)
    with pytest.raises(ValueError, match=r"state\.json: "):
        read_source("production", tmp_path / "state.json")


def test_one_export_alone_is_refused(files: Mapping[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--production", str(files["production"])]) == 2
    assert "both stacks" in capsys.readouterr().err


def test_a_folder_with_other_files_is_refused(made: Evidence, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(FolderError, match=r"other files \(mine\.txt\)"):
        write(made, tmp_path)
    with pytest.raises(FolderError, match="is a file"):
        write(made, tmp_path / "mine.txt")


def test_a_policy_that_is_a_secret_is_shown_as_such(sources: list[Source]) -> None:
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:abc"}
    changed = _changed(sources[1], "aws:sqs/queuePolicy:QueuePolicy::jobs", "policy", secret)
    assert f"QueuePolicy jobs\n    unreadable: {HIDDEN}" in access_table(changed.state)
