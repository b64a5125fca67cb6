"""Imports run one way, so that the folders show the architecture: a folder imports only folders below it."""

import ast
import functools
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from sandbox.__main__ import PROJECT
from scripts.check import imports_of

# From the top down, as in README.md and docs/architecture.
COMPONENTS = ("alerting", "access", "latch", "service", "audit", "ingress", "data", "storage", "network", "shared")
POLICIES = ("rules", "shared", "readers", "figures", "engine")
# Every package of the program, and the packages that it may import.
PACKAGES = {
    "settings": set[str](),
    "components": {"settings"},
    "policies": set[str](),
    "sandbox": {"settings"},
    "operations": {"settings", "components"},
    "reports": {"settings", "policies", "operations"},
}


def _imports(folder: Path) -> Iterator[tuple[Path, str]]:
    """Return each module below a folder with each module of the program that it imports, and the names in it."""
    return ((file, name) for file in folder.rglob("*.py") for name in imports_of(file))


def _against_the_direction(package: str, floors: Sequence[str]) -> Iterator[str]:
    for file, imported in _imports(PROJECT / package):
        parts = imported.split(".")
        own = file.relative_to(PROJECT / package).parts[0]
        if parts[0] != package or len(parts) == 1 or own not in floors or parts[1] not in floors:
            continue
        if floors.index(parts[1]) < floors.index(own):
            yield f"{file.relative_to(PROJECT)} imports {imported}"


@pytest.mark.parametrize(("package", "floors"), [("components", COMPONENTS), ("policies", POLICIES)])
def test_a_folder_imports_only_folders_below_it(package: str, floors: Sequence[str]) -> None:
    assert not list(_against_the_direction(package, floors))


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_what_it_may_know(package: str) -> None:
    """One mistake can't hide in both the program and its policies."""
    allowed = PACKAGES[package] | {package}
    wrong = {f"{file.name} imports {name}" for file, name in _imports(PROJECT / package)
             if name.split(".")[0] in PACKAGES and name.split(".")[0] not in allowed}  # fmt: skip
    assert not wrong


CONSTANTS = (".ACCESS", ".DATABASE", ".DATA_EXPORT", ".RESTORED_FROM")


def test_the_commands_know_only_the_names_of_the_components() -> None:
    """They work while Pulumi doesn't: no component, and no SDK."""
    imported = {name for _, name in _imports(PROJECT / "operations") if name.startswith("components.")}
    names = {f"components.shared.environment{name}" for name in ("", ".Environment", *CONSTANTS)}
    assert imported <= names


def test_a_chapter_imports_no_other_chapter() -> None:
    rules = PROJECT / "policies" / "rules"
    wrong: list[str] = []
    for file, imported in _imports(rules):
        parts = imported.split(".")
        if parts[:2] == ["policies", "rules"] and file.name != "__init__.py":
            chapter = file.relative_to(rules).parts[0].removesuffix(".py")
            wrong += [f"{file.relative_to(PROJECT)} imports {imported}"] if parts[2:3] not in ([], [chapter]) else []
    assert not wrong


_imports_once = functools.cache(imports_of)

# What is TaskFlow's own: the rest can be copied with another application.
TASKFLOW = ("policies.figures", "policies.rules", "policies.pack", "operations", "outputs", "reports")


def _reached(files: Iterator[Path]) -> set[str]:
    """Return the modules and names that files import, directly or through other modules of the program."""
    reached: set[str] = set()
    waiting = [*files]
    while waiting:
        new = _imports_once(waiting.pop()) - reached
        reached |= new
        modules = [PROJECT / name.replace(".", "/") for name in new]
        waiting += [path.with_suffix(".py") for path in modules] + [path / "__init__.py" for path in modules]
    return reached


@pytest.mark.parametrize("folder", ["components", "policies/engine", "policies/shared", "examples/ledger"])
def test_another_application_needs_nothing_of_taskflows(folder: str) -> None:
    reached = _reached((PROJECT / folder).rglob("*.py"))
    assert not {name for name in reached if name.startswith(TASKFLOW)}


def test_taskflow_needs_nothing_of_the_example() -> None:
    files = (file for package in PACKAGES for file in (PROJECT / package).rglob("*.py"))
    assert not {name for name in _reached(files) if name.startswith("examples")}


def _docstring(file: Path) -> str | None:
    return ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) if file.exists() else None


def test_every_folder_says_what_belongs_there() -> None:
    folders = {file.parent for package in PACKAGES for file in (PROJECT / package).rglob("*.py")}
    described = {folder for folder in folders if _docstring(folder / "__init__.py")}
    missing = sorted(str(folder.relative_to(PROJECT)) for folder in folders - described)
    assert not missing


def test_the_listed_folders_are_those_that_exist() -> None:
    """`access` comes with people's roles; the others have to be there, and no folder is outside the lists."""
    for package, floors in (("components", COMPONENTS), ("policies", POLICIES)):
        there = {path.name for path in (PROJECT / package).iterdir() if path.is_dir() and path.name != "__pycache__"}
        assert set(floors) - there <= {"access"}
        assert not there - set(floors)
