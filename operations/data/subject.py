"""The person whose data it is, by the id in the application's database, and where infrastructure has it.

Sections: Compliance (Right to deletion, Data export). The id reaches S3 as a prefix and SQL as a value; the pattern
allows neither a slash, nor a quote, nor an address.
"""

import hashlib
import re
from dataclasses import dataclass

from operations.frame.errors import ExitCode, OperationError

SUBJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
# The application keeps each user's files below it (docs/runbooks/erase-report.md, the application's part).
USERS = "users/"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A person by id."""

    id: str

    def __post_init__(self) -> None:
        if not SUBJECT.fullmatch(self.id):
            raise OperationError(
                f"--subject {self.id!a} is not the id of a user",
                code=ExitCode.USAGE,
                advice="It is the id in the application's database, such as u-7f3a: letters, digits, - and _, at most "
                "64; not a name, not an e-mail address.",
            )

    @property
    def prefix(self) -> str:
        """Return the prefix of the person's files."""
        return f"{USERS}{self.id}/"

    def digest(self, application: str) -> str:
        """Return the hash by which audit records name the person: who has the id finds the record, not the reverse."""
        return hashlib.sha256(f"{application}/{self.id}".encode()).hexdigest()[:32]
