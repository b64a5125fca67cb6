"""The pictures' icons: a white sign on a square in the colour of its kind, drawn for this project.

AWS's own icons aren't used (decision 0051).
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

SIZE = 48
STORAGE, DATABASE, COMPUTE, NETWORK, SECURITY, MESSAGES = (
    "#4d7c0f", "#a21caf", "#c2410c", "#6d28d9", "#b91c1c", "#be185d",
)  # fmt: skip

# White lines within the square, as SVG path data.
_BUCKET = "M13 15h22l-3 20a8 3 0 0 1-16 0zM13 15a11 4 0 0 1 22 0a11 4 0 0 1-22 0"
_CYLINDER = "M13 15a11 4 0 0 1 22 0v18a11 4 0 0 1-22 0zM13 15a11 4 0 0 0 22 0M13 24a11 4 0 0 0 22 0"
_BOX = "M24 11l12 6.5v13L24 37l-12-6.5v-13zM12 17.5L24 24l12-6.5M24 24v13"
_BOXES = "M12 12h10v10h-10zM26 12h10v10h-10zM12 26h10v10h-10zM26 26h10v10h-10z"
_BALANCE = "M24 12v8M24 20l-10 8M24 20l10 8M24 20v8M11 28h6v7h-6zM21 28h6v7h-6zM31 28h6v7h-6zM21 9h6v6h-6z"
_GLOBE = "M24 11a13 13 0 1 0 0 26a13 13 0 1 0 0-26M24 11a6 13 0 1 0 0 26a6 13 0 1 0 0-26M11 24h26"
_SIGNPOST = "M24 10v28M24 13h9l4 4-4 4h-9M24 24h-9l-4 4 4 4h9"
_SHIELD = "M24 10l12 4v9c0 8-5 12-12 15c-7-3-12-7-12-15v-9z"
_CHECKED_SHIELD = f"{_SHIELD}M18 24l5 5 8-10"
_KEY = "M18 17a7 7 0 1 0 0 14a7 7 0 1 0 0-14M25 24h13v6M32 24v5"
_LOCK = "M14 22h20v15h-20zM18 22v-5a6 6 0 0 1 12 0v5M24 28v4"
_BELL = "M13 33h22l-3-5v-7a8 8 0 0 0-16 0v7zM21 33a3 3 0 0 0 6 0"
_QUEUE = "M10 18h7v12h-7zM20.500 18h7v12h-7zM31 18h7v12h-7z"
_CHART = "M11 12v25h27M15 31l7-9 5 5 9-13"
_LINES = "M13 14h22M13 21h22M13 28h15M13 35h19"
_TRACKS = "M14 13h20v23h-20zM18 20h12M18 26h12M18 32h7"
_STREAM = "M10 17h14l6 7-6 7h-14M18 12h12l9 12-9 12h-12"
_CLOCK = "M36 24a12 12 0 1 1-4-9M36 10v7h-7M24 17v8l6 3"
_BUBBLE = "M11 13h26v17h-15l-7 7v-7h-4z"
_PLUG = "M11 24h8M29 24h8M19 18h5v12h-5zM24 24h5"
_EXIT = "M28 12h-15v24h15M20 24h18M32 18l6 6-6 6"
_PERSON = "M24 8a6 6 0 1 0 0 12a6 6 0 1 0 0-12M12 40c0-11 5-16 12-16s12 5 12 16z"
_NEIGHBOURS = (
    "M10 16a4 4 0 1 0 0 8a4 4 0 1 0 0-8M38 16a4 4 0 1 0 0 8a4 4 0 1 0 0-8M3 39c0-7 3-11 7-11M45 39c0-7-3-11-7-11"
)
_PEOPLE = f"{_PERSON}{_NEIGHBOURS}"

_SIGNS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "backup": (STORAGE, _CLOCK),
        "chatbot": (MESSAGES, _BUBBLE),
        "cloudfront": (NETWORK, _GLOBE),
        "cloudtrail": (MESSAGES, _TRACKS),
        "cloudwatch": (MESSAGES, _CHART),
        "cloudwatch-logs": (MESSAGES, _LINES),
        "data-firehose": (NETWORK, _STREAM),
        "elastic-container-registry": (COMPUTE, _BOX),
        "elastic-container-service": (COMPUTE, _BOXES),
        "elastic-load-balancing": (NETWORK, _BALANCE),
        "elastic-load-balancing-application-load-balancer": (NETWORK, _BALANCE),
        "elasticache": (DATABASE, _CYLINDER),
        "fargate": (COMPUTE, _BOX),
        "guardduty": (SECURITY, _CHECKED_SHIELD),
        "key-management-service": (SECURITY, _KEY),
        "rds": (DATABASE, _CYLINDER),
        "route-53": (NETWORK, _SIGNPOST),
        "secrets-manager": (SECURITY, _LOCK),
        "simple-notification-service": (MESSAGES, _BELL),
        "simple-queue-service": (MESSAGES, _QUEUE),
        "simple-storage-service": (STORAGE, _BUCKET),
        "vpc-endpoints": (NETWORK, _PLUG),
        "vpc-nat-gateway": (NETWORK, _EXIT),
        "waf": (SECURITY, _SHIELD),
    }
)
# People stand on the picture itself, in the colour of its text.
_PEOPLE_COLOURS: Mapping[str, str] = MappingProxyType({"users": "#1f2937", "users-dark": "#ffffff"})
NAMES = frozenset(_SIGNS) | frozenset(_PEOPLE_COLOURS)


def symbols(names: Iterable[str]) -> Iterator[str]:
    """Yield the definition of each icon, on one line; raise KeyError for an unknown one."""
    for name in sorted(set(names)):
        yield f'<symbol id="icon-{name}" viewBox="0 0 {SIZE} {SIZE}">{_body(name)}</symbol>'


def _body(name: str) -> str:
    if name in _PEOPLE_COLOURS:
        return _lines(_PEOPLE, _PEOPLE_COLOURS[name])
    colour, sign = _SIGNS[name]
    return f'<rect width="{SIZE}" height="{SIZE}" rx="8" fill="{colour}"/>{_lines(sign, "#ffffff")}'


def _lines(path: str, colour: str) -> str:
    style = 'fill="none" stroke-width="2.500" stroke-linejoin="round" stroke-linecap="round"'
    return f'<path d="{path}" stroke="{colour}" {style}/>'
