"""Draw a dashboard's definition with sample values as SVG, as CloudWatch would show it.

The values are the document's example. Widgets, names and thresholds are the definition's.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from xml.sax.saxutils import escape

# Pixels of the grid's columns and rows, and of the gap between widgets.
COLUMN, ROW, GAP = 50, 42, 8
MARGIN, HEAD = 16, 52
POINTS = 72

INK, GREY, LINE, PAPER, CARD = "#16191f", "#687078", "#d5dbdb", "#f2f3f3", "#ffffff"
OK, ALERT = "#1d8102", "#d13212"
COLOURS = ("#0073bb", "#ec7211", "#6b3fa0")


@dataclass(frozen=True, kw_only=True)
class Sample:
    """An example value: as text, and as the number around which its curve is drawn."""

    text: str
    value: float


# Key Metrics.
SAMPLES: Mapping[str, Sample] = {
    "Requests/sec": Sample(text="450", value=450),
    "Active Users": Sample(text="1,234", value=1234),
    "Peak Today": Sample(text="2,100", value=2100),
    "P50 Latency": Sample(text="45 ms", value=45),
    "P95 Latency": Sample(text="180 ms", value=180),
    "P99 Latency": Sample(text="450 ms", value=450),
    "Error Rate": Sample(text="0.02 %", value=0.02),
    "Uptime": Sample(text="99.98 %", value=99.98),
    "Apdex": Sample(text="0.95", value=0.95),
    "CPU": Sample(text="45 %", value=45),
    "Memory": Sample(text="62 %", value=62),
    "DB Connections": Sample(text="45", value=45),
}

Json = Mapping[str, object]


def draw_dashboard(name: str, body: Json) -> str:
    """Return the dashboard as SVG."""
    widgets = cast("Sequence[Json]", body["widgets"])
    width = 2 * MARGIN + COLUMN * max(_int(w, "x") + _int(w, "width") for w in widgets)
    height = 2 * MARGIN + HEAD + ROW * max(_int(w, "y") + _int(w, "height") for w in widgets)
    size = f'viewBox="0 0 {width} {height}" font-family="Helvetica, Arial, sans-serif"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
        f'<rect width="{width}" height="{height}" fill="{PAPER}"/>',
        _text(MARGIN + GAP, MARGIN + 26, name, size=22, weight="bold"),
        _text(width - MARGIN - GAP, MARGIN + 26, "sample figures", size=14, fill=GREY, anchor="end"),
    ]
    for widget in widgets:
        lines += _widget(widget, name)
    return "\n".join([*lines, "</svg>"]) + "\n"


@dataclass(frozen=True, kw_only=True)
class _Box:
    x: float
    y: float
    width: float
    height: float


def _widget(widget: Json, name: str) -> Iterator[str]:
    box = _Box(
        x=MARGIN + COLUMN * _int(widget, "x") + GAP / 2,
        y=MARGIN + HEAD + ROW * _int(widget, "y") + GAP / 2,
        width=COLUMN * _int(widget, "width") - GAP,
        height=ROW * _int(widget, "height") - GAP,
    )
    properties = cast("Json", widget["properties"])
    if widget["type"] == "text":
        yield _text(box.x + 4, box.y + box.height - 8, str(properties["markdown"]).lstrip("# "), size=18, weight="bold")
        return
    position = f'x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}"'
    yield f'<rect {position} rx="4" fill="{CARD}" stroke="{LINE}"/>'
    yield _text(box.x + 12, box.y + 22, str(properties["title"]), size=14, weight="bold")
    if widget["type"] == "alarm":
        yield from _alarms(properties, box, name)
    elif properties["view"] == "singleValue":
        sample = SAMPLES[str(properties["title"])]
        yield _text(box.x + box.width / 2, box.y + box.height - 28, sample.text, size=34, anchor="middle")
    else:
        yield from _graph(properties, box)


def _alarms(properties: Json, box: _Box, environment: str) -> Iterator[str]:
    """Draw a field for each alarm, all in state OK, without the environment's name."""
    names = [
        str(arn).rpartition(":alarm:")[2].removeprefix(f"{environment}-").replace(f"-{environment}", "")
        for arn in cast("Sequence[object]", properties["alarms"])
    ]
    rows = 4
    columns = math.ceil(len(names) / rows)
    width, height = (box.width - 24) / columns, (box.height - 40) / rows
    for index, name in enumerate(sorted(names)):
        x, y = box.x + 12 + width * (index // rows), box.y + 32 + height * (index % rows)
        yield f'<rect x="{x:g}" y="{y:g}" width="{width - 6:g}" height="{height - 6:g}" rx="3" fill="{OK}"/>'
        size = min(12, (width - 14) / (0.55 * len(name)))
        yield _text(x + (width - 6) / 2, y + height / 2 + 1, name, size=size, fill=CARD, anchor="middle")


def _graph(properties: Json, box: _Box) -> Iterator[str]:
    plot = _Box(x=box.x + 52, y=box.y + 40, width=box.width - 112, height=box.height - 84)
    entries = [_options(entry) for entry in cast("Sequence[Sequence[object]]", properties["metrics"])]
    drawn = [entry for entry in entries if "label" in entry]
    annotations = cast("Json", properties.get("annotations") or {})
    thresholds = cast("Sequence[Json]", annotations.get("horizontal") or ())
    tops = {side: _top(drawn, thresholds, side) for side in ("left", "right")}
    for part in range(5):
        y = plot.y + plot.height * part / 4
        yield f'<line x1="{plot.x:g}" x2="{plot.x + plot.width:g}" y1="{y:g}" y2="{y:g}" stroke="{LINE}"/>'
        yield _text(plot.x - 6, y + 4, _scale(tops["left"] * (4 - part) / 4), size=11, fill=GREY, anchor="end")
        if tops["right"]:
            yield _text(plot.x + plot.width + 6, y + 4, _scale(tops["right"] * (4 - part) / 4), size=11, fill=GREY)
    for index, entry in enumerate(drawn):
        name, colour = str(entry["label"]), COLOURS[index]
        points = _curve(SAMPLES[name].value, tops[_side(entry)], plot, phase=index)
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.8"/>'
        x, y = box.x + 16 + 150 * index, box.y + box.height - 16
        yield f'<rect x="{x:g}" y="{y - 9:g}" width="10" height="10" fill="{colour}"/>'
        yield _text(x + 15, y, name, size=12)
    yield from _thresholds(thresholds, tops, plot)


def _thresholds(thresholds: Sequence[Json], tops: Mapping[str, float], plot: _Box) -> Iterator[str]:
    heights = [plot.y + plot.height * (1 - _number(line["value"]) / tops[_side(line)]) for line in thresholds]
    for y in heights:
        yield (
            f'<line x1="{plot.x:g}" x2="{plot.x + plot.width:g}" y1="{y:g}" y2="{y:g}" stroke="{ALERT}" '
            'stroke-dasharray="6 4" stroke-width="1.4"/>'
        )
    for index, (line, y) in enumerate(zip(thresholds, heights, strict=True)):
        at_right = _side(line) == "right"
        # Side by side: thresholds may be close.
        x = plot.x + plot.width - 4 if at_right else plot.x + 4 + 150 * index
        label = f"{line['label']} {_number(line['value']):g}"
        yield _text(x, y - 5, label, size=11, fill=ALERT, anchor="end" if at_right else "start", halo=True)


def _options(entry: Sequence[object]) -> Json:
    return cast("Json", entry[-1])


def _side(entry: Json) -> str:
    return str(entry.get("yAxis", "left"))


def _top(drawn: Sequence[Json], thresholds: Sequence[Json], side: str) -> float:
    """Return the end of an axis: a round number above all values on that side, 0 without values."""
    values = [1.35 * SAMPLES[str(entry["label"])].value for entry in drawn if _side(entry) == side]
    values += [1.15 * _number(line["value"]) for line in thresholds if _side(line) == side]
    if not values:
        return 0
    step = 10 ** math.floor(math.log10(max(values)))
    return step * next(factor for factor in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10) if factor * step >= max(values))


def _curve(value: float, top: float, plot: _Box, *, phase: int) -> str:
    """Return a smooth curve around a value, the same in every run."""
    points: list[str] = []
    for index in range(POINTS):
        turn = index / POINTS * 2 * math.pi
        swing = 0.10 * math.sin(turn + phase) + 0.05 * math.sin(5 * turn + 2 * phase) + 0.03 * math.sin(17 * turn)
        x = plot.x + plot.width * index / (POINTS - 1)
        y = plot.y + plot.height * (1 - value * (1 + swing) / top)
        points.append(f"{x:.1f},{y:.1f}")
    return " ".join(points)


def _scale(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:g}"


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: float,
    fill: str = INK,
    weight: str = "normal",
    anchor: str = "start",
    halo: bool = False,
) -> str:
    """Return a text; a halo keeps it readable over lines."""
    style = f'font-size="{size:.3g}" fill="{fill}" font-weight="{weight}" text-anchor="{anchor}"'
    if halo:
        style += f' paint-order="stroke" stroke="{CARD}" stroke-width="4"'
    return f'<text x="{x:g}" y="{y:g}" {style}>{escape(text)}</text>'


def _int(of: Json, key: str) -> int:
    return int(_number(of[key]))


def _number(value: object) -> float:
    return float(cast("float", value))
