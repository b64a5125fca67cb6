"""Tools: the versions of what plans, builds and operates the stacks."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from reports.conformance.stack_files import setting
from reports.evidence.source import Source
from reports.markdown import table
from reports.states import PROJECT

HEAD = """\
# Tools
What plans and operates the stacks, with versions: the program's dependencies. The application's image isn't part of
it.
"""
PACKAGES = """\
## Python packages
Locked in uv.lock, with the hashes of their files. *Direct*: named by pyproject.toml. *run* is what an `up` and the
commands need, *dev* what the checks and the sandbox need besides.
"""
IMAGES = ("taskflow:tools.image", "taskflow:task.placeholderImage")


def page(sources: Sequence[Source]) -> str:
    """Return the page."""
    lines = [HEAD, "## Engine and providers\nAs recorded in the states.\n", *_engine(sources)]
    lines += ["\n## Images of tasks\nAs set in the stack files.\n", *_images(sources)]
    lines += ["", PACKAGES, *_packages()]
    return "\n".join(lines) + "\n"


def _engine(sources: Sequence[Source]) -> Iterator[str]:
    rows = [("Pulumi", source.stack, source.engine) for source in sources]
    for source in sources:
        for provider in sorted(source.state.providers, key=lambda each: each.type):
            version = provider.inputs.get("version") or provider.outputs.get("version")
            rows.append((f"provider {provider.type.rpartition(':')[2]}", source.stack, str(version or "of the engine")))
    yield from table(("Tool", "Stack", "Version"), rows)


def _images(sources: Sequence[Source]) -> Iterator[str]:
    rows = [(source.stack, f"`{path}`", str(setting(source.stack, path))) for source in sources for path in IMAGES]
    yield from table(("Stack", "Setting", "Image"), rows)


def _packages() -> Iterator[str]:
    project = cast("Mapping[str, Mapping[str, object]]", tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8")))
    run = _names(cast("Sequence[str]", project["project"]["dependencies"]))
    dev = _names(cast("Sequence[str]", project["dependency-groups"]["dev"]))
    lock = tomllib.loads((PROJECT / "uv.lock").read_text(encoding="utf-8"))
    packages = cast("Sequence[Mapping[str, str]]", lock["package"])
    rows = [
        (each["name"], each["version"], "run" if each["name"] in run else "dev" if each["name"] in dev else "")
        for each in packages
        if "version" in each and each["name"] != project["project"]["name"]
    ]
    yield from table(("Package", "Version", "Direct"), sorted(rows))


def _names(requirements: Sequence[str]) -> set[str]:
    return {each.partition("==")[0].partition("[")[0].lower() for each in requirements}
