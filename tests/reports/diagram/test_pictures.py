"""The committed pictures are current, readable in both themes, and nothing in them overlaps."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree as ET

import pytest

from reports.diagram import icons
from reports.diagram.architecture import draw_architecture
from reports.diagram.drawing import ARROWS, INKS, SURFACES, Drawing
from reports.diagram.letters import text_width
from reports.diagram.listing import read_listing
from reports.diagram.pictures import LIST, draw_pictures
from reports.diagram.stacks import read_architecture
from reports.states import State
from sandbox.__main__ import PROJECT
from tests.engine.both import BothStacks
from tests.reports.diagram.changed_states import during_cutover, promoted, states_of

pytestmark = pytest.mark.xdist_group("both-stacks")

SVG = "{http://www.w3.org/2000/svg}"
NAMES = ("architecture", "architecture-dr", "failover")
# Left, top, right, bottom.
Edges = tuple[float, float, float, float]


@pytest.fixture(scope="module")
def pictures(both: BothStacks) -> Mapping[str, str]:
    return draw_pictures(*states_of(both))


@pytest.fixture(scope="module")
def drawn(both: BothStacks, pictures: Mapping[str, str]) -> Mapping[str, str]:
    """Return the pictures, and how the architecture looks during a promotion and a cutover."""
    production, dr = states_of(both)
    variants = {"promoted": promoted(dr), "cutover": during_cutover(production)}
    return {
        **{name: pictures[f"docs/{name}.svg"] for name in NAMES},
        **{name: draw_architecture(read_architecture(state, name)) for name, state in variants.items()},
    }


def test_the_files_are_current(pictures: Mapping[str, str], request: pytest.FixtureRequest) -> None:
    for path, text in pictures.items():
        if request.config.getoption("--update-golden"):
            (PROJECT / path).write_text(text, encoding="utf-8")
        assert (PROJECT / path).read_text(encoding="utf-8") == text, f"`make diagram` writes {path}"


def test_the_same_states_give_the_same_bytes(both: BothStacks, pictures: Mapping[str, str]) -> None:
    """Also if the engine has created the resources in another order."""
    reverse = [State(stack=state.stack, resources=state.resources[::-1]) for state in states_of(both)]
    assert draw_pictures(*reverse) == pictures


@pytest.mark.parametrize("name", NAMES)
def test_every_box_and_arrow_of_the_list_is_drawn(
    pictures: Mapping[str, str], drawn: Mapping[str, str], name: str
) -> None:
    ids = {element.get("id") for element in _svg(drawn, name).iter()}
    for key in read_listing(pictures[LIST])[name]:
        kind, _, id_ = key.partition(" ")
        source, _, target = id_.partition("--")
        wanted = {"box": {f"box-{id_}"}, "in": {f"in-{id_}"}, "arrow": {id_, f"{target}--{source}"}}[kind]
        assert wanted & ids, f"{key} isn't drawn"


@pytest.mark.parametrize("name", [*NAMES, "promoted", "cutover"])
class TestPicture:
    """What holds for each picture."""

    def test_no_text_leaves_its_box(self, drawn: Mapping[str, str], name: str) -> None:
        for id_, edges, group in _groups(_svg(drawn, name)):
            for text in group.iter(f"{SVG}text"):
                left, top, right, bottom = _extent(text)
                assert edges[0] < left, f"{id_}: {text.text}"
                assert right < edges[2], f"{id_}: {text.text}"
                assert edges[1] < top, f"{id_}: {text.text}"
                assert bottom < edges[3], f"{id_}: {text.text}"

    def test_no_two_boxes_overlap(self, drawn: Mapping[str, str], name: str) -> None:
        cards = [(id_, edges) for id_, edges, _ in _groups(_svg(drawn, name)) if id_.startswith("box-")]
        assert not [(a, b) for (a, one), (b, other) in itertools.combinations(cards, 2) if _overlap(one, other)]

    def test_no_arrow_crosses_a_box_or_a_title(self, drawn: Mapping[str, str], name: str) -> None:
        svg = _svg(drawn, name)
        boxes = [(id_, edges) for id_, edges, _ in _groups(svg) if id_.startswith("box-")]
        titles = [
            (f"{id_}: {text.text}", _extent(text))
            for id_, _, group in _groups(svg)
            if id_.startswith("in-")
            for text in group.iter(f"{SVG}text")
        ]
        for path in svg.iter(f"{SVG}path"):
            ends = (path.get("id") or "").split("--")
            for piece in _pieces(path.get("d") or "") if len(ends) == 2 else ():
                crossed = [id_ for id_, edges in (*boxes, *titles) if _overlap(piece, edges)]
                assert not crossed, f"{path.get('id')} crosses {crossed}"

    def test_no_label_is_on_a_box_or_another_label(self, drawn: Mapping[str, str], name: str) -> None:
        svg = _svg(drawn, name)
        labels = [text for text in svg.findall(f"{SVG}text") if "cased" in (text.get("class") or "")]
        extents = [(text.text, _extent(text)) for text in labels]
        boxes = [(id_, edges) for id_, edges, _ in _groups(svg) if id_.startswith("box-")]
        assert not [(a, b) for (a, one), (b, other) in itertools.combinations(extents, 2) if _overlap(one, other)]
        assert not [(a, b) for a, one in extents for b, other in boxes if _overlap(one, other)]

    def test_it_is_readable_at_the_width_of_a_readme(self, drawn: Mapping[str, str], name: str) -> None:
        svg = _svg(drawn, name)
        scale = 830 / float(svg.get("width") or 0)
        assert min(float(text.get("font-size") or 0) for text in svg.iter(f"{SVG}text")) * scale >= 11

    def test_it_is_a_text_of_short_lines_but_for_the_icons(self, drawn: Mapping[str, str], name: str) -> None:
        text = drawn[name]
        assert len(text.encode()) < 150_000
        assert max(len(line) for line in text.splitlines() if not line.startswith("<symbol")) < 260

    def test_it_has_a_title_and_a_description(self, drawn: Mapping[str, str], name: str) -> None:
        svg = _svg(drawn, name)
        assert svg.findtext(f"{SVG}title")
        assert svg.findtext(f"{SVG}desc")


def test_every_icon_is_drawn(pictures: Mapping[str, str]) -> None:
    used = {name for text in pictures.values() for name in re.findall(r'<symbol id="icon-([^"]+)"', text)}
    assert used == icons.NAMES


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_and_arrows_stand_out_from_every_surface(theme: int) -> None:
    """By WCAG: 4.5 for text, 3 for graphics."""
    fills = {name: colours[2 * theme] for name, colours in SURFACES.items()}
    for name, fill in fills.items():
        background = fills["paper"] if fill == "none" else fill
        for ink in INKS.values():
            assert _contrast(ink[theme], background) >= 4.5, name
        for arrow in ARROWS.values():
            assert _contrast(arrow[theme], background) >= 3, name


def test_texts_that_do_not_fit_are_an_error_all_at_once() -> None:
    drawing = Drawing(width=100)
    drawing.text(0, 10, "too long for it", within=20)
    drawing.text(0, 20, "this one as well", within=20)
    drawing.text(0, 30, "fits", within=40)
    with pytest.raises(ValueError, match=r"(?s)too long for it.*this one as well") as error:
        drawing.finish(height=40, title="", description="")
    assert "fits'" not in str(error.value)


def test_the_width_of_a_text_is_helveticas() -> None:
    assert text_width("db.r6g.large", 1000) == 556 + 556 + 278 + 333 + 556 + 556 + 278 + 222 + 556 + 333 + 556 + 556
    assert text_width("tasks", 10, bold=True) > text_width("tasks", 10)
    with pytest.raises(ValueError, match="no width is known for é"):
        text_width("é", 12)


def _svg(drawn: Mapping[str, str], name: str) -> ET.Element:
    return ET.fromstring(drawn[name])  # noqa: S314  (our own text)


def _groups(svg: ET.Element) -> Iterator[tuple[str, Edges, ET.Element]]:
    """Yield the boxes and containers with their edges; the users have none."""
    for group in svg.iter(f"{SVG}g"):
        rect = group.find(f"{SVG}rect")
        if rect is not None:
            x, y, width, height = (float(rect.get(key) or 0) for key in ("x", "y", "width", "height"))
            yield group.get("id") or "", (x, y, x + width, y + height), group


def _extent(text: ET.Element) -> Edges:
    x, y, size, width = (float(text.get(key) or 0) for key in ("x", "y", "font-size", "textLength"))
    assert width == pytest.approx(
        text_width(text.text or "", size, bold="strong" in (text.get("class") or "")), abs=0.1
    )
    left = x - width if text.get("text-anchor") == "end" else x
    return left, y - 0.73 * size, left + width, y + 0.21 * size


def _overlap(one: Edges, other: Edges) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _pieces(path: str) -> Iterator[Edges]:
    """Yield the horizontal and vertical pieces of a line, without the half pixel that touches the boxes at its ends."""
    points: Sequence[tuple[float, float]] = [
        (float(x), float(y)) for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", path)
    ]
    for (x, y), (x2, y2) in itertools.pairwise(points):
        yield min(x, x2) + 0.5, min(y, y2) + 0.5, max(x, x2) - 0.5, max(y, y2) - 0.5


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
