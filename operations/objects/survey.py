"""What a restore would do, counted; the files to restore wait in a temporary file, so that memory stays bounded."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from tempfile import TemporaryFile
from typing import IO
from urllib.parse import quote

from operations.frame.context import Context, Progress
from operations.objects.judgement import TO_RESTORE, Outcome, Target, Window, judge
from operations.objects.versions import Scope, Version, histories

# So many keys are shown.
SHOWN = 5
# A step of progress for so many files.
STEP = 10_000


def _no_file() -> IO[bytes]:
    # Its keys may name people: it has no name in the file system, and ends with the process.
    return TemporaryFile()


@dataclass(kw_only=True)
class Survey:
    """The files of a scope by outcome; `first` are keys of each."""

    size: int = 0
    counts: Counter[Outcome] = field(default_factory=Counter[Outcome])
    first: dict[Outcome, list[str]] = field(default_factory=dict[Outcome, list[str]])
    _lines: IO[bytes] = field(default_factory=_no_file)

    @property
    def count(self) -> int:
        """The number of files to restore."""
        return sum(self.counts[each] for each in TO_RESTORE)

    @property
    def skipped(self) -> Sequence[Outcome]:
        """The outcomes of files that a restore should change and can't."""
        return [each for each in (Outcome.ARCHIVED, Outcome.TOO_LARGE) if self.counts[each]]

    def add(self, outcome: Outcome, bucket: str, key: str, version: Version | None) -> None:
        """Count a file, and keep it if it is to be restored."""
        self.counts[outcome] += 1
        if len(keys := self.first.setdefault(outcome, [])) < SHOWN:
            keys.append(key)
        if outcome in TO_RESTORE and version is not None:
            self.size += version.size
            # S3, Specifying a manifest: CSV of bucket, URL-encoded key and version.
            self._lines.write(f"{bucket},{quote(key)},{version.id}\n".encode())

    def manifests(self, limit: int) -> Iterator[bytes]:
        """Yield the files to restore as manifests of at most `limit` files."""
        self._lines.seek(0)
        while lines := list(islice(self._lines, limit)):
            yield b"".join(lines)


def survey(
    context: Context,
    scope: Scope,
    target: Target,
    windows: Sequence[Window],
    *,
    see: Callable[[Outcome, str, Version | None], None] | None = None,
) -> Survey:
    """Judge each file of a scope. `see` is called for each."""
    found, progress = Survey(), Progress(context=context)
    for number, history in enumerate(histories(context, scope), start=1):
        outcome, version = judge(history, target, windows)
        found.add(outcome, scope.bucket, history.key, version)
        if see:
            see(outcome, history.key, version)
        if number % STEP == 0:
            progress.show(f"{number:,} files read, {found.count:,} to restore")
    return found
