"""Policy documents: a mutant gives more access. One that gives less shows at once, as an error of whoever needs it."""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, cast

from tests.mutants.edits import Edit, Path, opened

# What an edit makes of the requests that a part of a statement matches.
Match: TypeAlias = Literal["more", "fewer", "others"]

# Members without which AWS rejects a statement.
_REQUIRED: Final = frozenset({"Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal"})


def is_opening(properties: Mapping[str, object], path: Path, edit: Edit) -> bool:
    """Whether an edit within a policy document may give somebody more access; true for any other edit."""
    depth = path.index("Statement") + 1 if "Statement" in path else 0
    if not depth:
        return True
    if len(path) == depth:
        denies = any(_effect(each) == "Deny" for each in cast("list[object]", _at(properties, path)))
        return edit.kind == "opened" or denies
    effect = _effect(_at(properties, path[: depth + 1]))
    if effect is None:
        return True
    within = path[depth + 1 :]
    if not within or within == ("Effect",):
        return effect == "Deny" and (not within or edit.kind != "removed")
    if len(within) == 1 and within[0] in _REQUIRED and edit.kind in ("removed", "emptied"):
        return False
    return _matches(within, edit) != ("fewer" if effect == "Allow" else "more")


def _matches(within: Path, edit: Edit) -> Match:
    """Return what an edit makes of the requests that a statement matches."""
    first, *rest = within
    if first == "Condition" and edit.kind == "removed" and not isinstance(within[-1], int):
        return "more"
    if edit.kind in ("foreign", "inverted"):
        return "others"
    is_negated = "Not" in str(rest[0] if first == "Condition" and rest else first)
    is_wider = edit.kind in ("opened", "one more")
    return "more" if is_wider != is_negated else "fewer"


def _effect(statement: object) -> object:
    return cast("Mapping[str, object]", statement).get("Effect") if isinstance(statement, Mapping) else None


def _at(value: object, path: Path) -> object:
    for step in path:
        content = opened(value)
        if isinstance(content, list):
            value = cast("list[object]", content)[int(step)]
        else:
            value = cast("Mapping[str, object]", content)[str(step)]
    return opened(value)
