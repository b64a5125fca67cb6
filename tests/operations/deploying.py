"""A person whose commands change stack files and run Pulumi, in the fake world: each has files of their own."""

import copy
import shutil
import tempfile
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from operations.frame.context import Context
from sandbox.__main__ import PROJECT
from tests.operations.fake.pulumi import FakeEngine, settings_of
from tests.operations.fake.task_definitions import ACCOUNT
from tests.operations.support import Terminal

TICKET = "incident-7"
DEVOPS = f"arn:aws:sts::{ACCOUNT}:assumed-role/taskflow-devops/{TICKET}"
FILES = ("Pulumi.yaml", "Pulumi.production.yaml", "Pulumi.dr.yaml")


@dataclass(kw_only=True)
class Deployer(Terminal):
    """A terminal with stack files that commands change; a subclass sets the Pulumi that deploys them."""

    def __post_init__(self) -> None:
        self.folder = self._new_folder()
        for name in FILES:
            shutil.copy(PROJECT / name, self.folder / name)

    @property
    def engines(self) -> Sequence[FakeEngine]:
        """The engines of the stacks that the commands deploy."""
        assert isinstance(self.pulumi, FakeEngine)
        return (self.pulumi,)

    def copy(self) -> Self:
        """Return a copy that has its own stack files."""
        other = copy.deepcopy(self)
        other.folder = other._new_folder()
        for each in other.engines:
            each.folder = other.folder
        shutil.copytree(self.folder, other.folder, dirs_exist_ok=True)
        return other

    def cancel(self) -> None:
        """Remove the lock of an `up` that was killed: `pulumi cancel`."""
        for each in self.engines:
            each.is_locked = False

    def _new_folder(self) -> Path:
        """Return a folder that is deleted with this terminal."""
        folder = Path(tempfile.mkdtemp(prefix="taskflow-deploying-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return folder

    def _context(self, stack: str) -> Context:
        """Return a context with the settings that the file has now."""
        return replace(super()._context(stack), settings=settings_of(self.folder, stack))
