"""How wide a text is: the widths of Helvetica, which Arial and Liberation Sans share.

An SVG can't wrap text or grow a box. Every text is therefore measured before it is drawn, and carries its measured
width (`textLength`), so that another font of the viewer keeps to it.
"""

from collections.abc import Mapping

FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"

# Thousandths of the font size, with the characters of that width.
_REGULAR = {
    191: "'", 222: "ijl", 260: "|", 278: " !,./:;I[\\]ft", 333: "()-`r", 334: "{}", 355: '"', 389: "*", 469: "^",
    500: "Jcksvxyz", 556: "#$0123456789?L_abdeghnopqu", 584: "+<=>~", 611: "FTZ", 667: "&ABEKPSVXY", 722: "CDHNRUw",
    778: "GOQ", 833: "Mm", 889: "%", 944: "W", 1015: "@",
}  # fmt: skip
_BOLD = {
    238: "'", 278: " ,./I\\ijl", 280: "|", 333: "!()-:;[]`ft", 389: "*r{}", 474: '"', 500: "z",
    556: "#$0123456789J_aceksvxy", 584: "+<=>^~", 611: "?FLTZbdghnopqu", 667: "EPSVXY", 722: "&ABCDHKNRU",
    778: "GOQw", 833: "M", 889: "%m", 944: "W", 975: "@",
}  # fmt: skip


def _by_character(widths: Mapping[int, str]) -> Mapping[str, int]:
    return {character: width for width, characters in widths.items() for character in characters}


_WIDTHS: Mapping[bool, Mapping[str, int]] = {False: _by_character(_REGULAR), True: _by_character(_BOLD)}


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a text in pixels; raise ValueError for a character of unknown width."""
    widths = _WIDTHS[bold]
    if unknown := sorted({character for character in text if character not in widths}):
        raise ValueError(f"no width is known for {' '.join(unknown)} in {text!r}: add it to {__name__}")
    return sum(widths[character] for character in text) * size / 1000
