"""The folder: its pages, each with its source, an index, and their checksums."""

import hashlib
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from reports.conformance.document import statements
from reports.conformance.rows import rows
from reports.conformance.summary import Means, built_differently, counts
from reports.evidence import access, backups, conformance, encryption, policies, retention, tools
from reports.evidence.source import Source, origin, redacted
from reports.markdown import table
from reports.states import PROJECT

# The text may have brackets of its own: `policies[0]`.
_LINK = re.compile(r'\[((?:[^\[\]]|\[[^\]]*\])+)\]\(([^)\s]+)(?: "[^"]*")?\)')
SUMS = "SHA256SUMS"
SHOWS: Mapping[str, str] = {
    "conformance.md": "each requirement of the document, and whether the states have it",
    "policies.md": "the rules, by the controls of AWS and of CIS, with the violations in the states",
    "access.md": "each principal and what it may do; every security group rule and policy statement",
    "encryption.md": "each resource that stores or carries data: its key, and TLS",
    "retention.md": "each store: how long it keeps its data, its lock, and where the figure comes from",
    "backups.md": "what is configured, and the reports of backups and restores, if they were given",
    "drill.md": "the last drill of a lost region, in the sandbox",
    "tools.md": "versions of the engine, its providers, images and packages",
}
README = """\
# Evidence
{origin}

{states}

Made {now:%Y-%m-%d %H:%M} UTC by `make evidence`, of the repository's commit {commit}.

## Result
{result}

## Pages
{pages}

Files, settings and decisions (four digits) that the pages name are in the repository at that commit. `sha256sum -c
{sums}` checks that the pages are unchanged.

## What this doesn't prove
- A state is what Pulumi last recorded. What was changed since then by another way isn't in it: `pulumi refresh`
  before the export finds it, and so does Config in the account.
- The rules and rows were written with the program. They show that it keeps to the document, not that the document
  suffices.
- Quotas, AWS's own behaviour, and what people do: approvals, responses, reviews. Their records are in the ticket
  system, in the audit records (`taskflow audit query`) and in the incidents' post-mortems.
- The application, and what it writes to its logs.
"""


class FolderError(Exception):
    """The folder can't be used; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The pages by file name, and what is wrong in the states."""

    pages: Mapping[str, str]
    problems: Sequence[str]


def evidence(sources: Sequence[Source], reports: Sequence[backups.Report], now: datetime) -> Evidence:
    """Return the pages, without the value of any secret."""
    failed = conformance.failures(sources)
    found = policies.findings(sources, now.date())
    bodies = {
        "conformance.md": conformance.page(failed),
        "policies.md": policies.page(sources, found, now.date()),
        "access.md": access.page(sources),
        "encryption.md": encryption.page(sources),
        "retention.md": retention.page(sources),
        "backups.md": backups.page(sources, failed, reports),
        "tools.md": tools.page(sources),
    }
    pages = {name: _sourced(_delinked(text), sources) for name, text in bodies.items()} | {"drill.md": _drill()}
    results = [
        (policies.violations(found), "violations of the policies: policies.md"),
        (len(failed), "requirements that don't hold in the states: conformance.md"),
    ]
    pages |= {"README.md": _index(pages, sources, [f"**{count}** {what}" for count, what in results], now)}
    return Evidence(
        pages={name: redacted(text, sources) for name, text in pages.items()},
        problems=[f"{count} {what}" for count, what in results if count],
    )


def write(made: Evidence, folder: Path) -> None:
    """Write the pages and their checksums; FolderError for a folder that has other files."""
    own = {*made.pages, SUMS}
    if folder.is_file():
        raise FolderError(f"{folder} is a file: name a folder")
    if others := sorted(each.name for each in folder.iterdir() if each.name not in own) if folder.exists() else []:
        raise FolderError(f"{folder} has other files ({', '.join(others[:3])}): name a folder for the evidence alone")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in made.pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    sums = [f"{hashlib.sha256(text.encode()).hexdigest()}  {name}" for name, text in sorted(made.pages.items())]
    (folder / SUMS).write_text("\n".join(sums) + "\n", encoding="utf-8")


def _index(pages: Mapping[str, str], sources: Sequence[Source], problems: Sequence[str], now: datetime) -> str:
    missing = set(SHOWS) ^ set(pages)
    assert not missing, missing  # noqa: S101  # each page has its line in the index
    listed = [(f"[{name}]({name})", shows) for name, shows in SHOWS.items()]
    states = [(source.stack, source.file, source.made_at, source.engine, f"`{source.digest}`") for source in sources]
    return README.format(
        now=now,
        commit=_commit(),
        origin=origin(sources),
        states="\n".join(table(("Stack", "State", "Recorded", "Engine", "SHA-256"), states)),
        result="\n".join(f"- {line}" for line in (*problems, *_met())),
        pages="\n".join(table(("Page", "Shows"), listed)),
        sums=SUMS,
    )


def _met() -> Iterator[str]:
    """Return how much of the document is met, whatever the states are."""
    everything, number = statements(), counts(statements(), rows())
    yield f"**{number[Means.UNMET]}** of the document's {len(everything)} statements aren't met yet: conformance.md"
    yield f"{len(built_differently(rows()))} statements are built differently, with reasons: conformance.md"


def _sourced(text: str, sources: Sequence[Source]) -> str:
    """Return a page with its sources below the title."""
    title, _, rest = text.partition("\n")
    return "\n".join([title, f"> {origin(sources)}", "", rest])


def _delinked(text: str) -> str:
    """Return a page whose links lead to other pages of the folder only; of the others the text remains."""
    return _LINK.sub(lambda link: link[0] if link[2].partition("#")[0] in ("", *SHOWS) else link[1], text)


def _drill() -> str:
    file = PROJECT / "docs" / "drill.md"
    date = _git("log", "-1", "--format=%cs", "--", str(file)) or "at an unknown time"
    title, _, rest = _delinked(file.read_text(encoding="utf-8")).partition("\n")
    note = "a copy of docs/drill.md. **Sandbox**: AWS is simulated, with times that are assumed, as the page says."
    return f"{title}\n> From {date}: {note}\n\n{rest}"


def _commit() -> str:
    commit = _git("rev-parse", "HEAD") or "unknown"
    return f"`{commit}`" + (", with uncommitted changes" if _git("status", "--porcelain") else "")


def _git(*arguments: str) -> str:
    """Return what git prints; empty text without git, or outside of a repository."""
    try:
        answer = subprocess.run(["git", *arguments], cwd=PROJECT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""
