"""Lists the exemptions from policies that are about to end: `python -m reports.exemptions 14`."""

import sys
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from policies.engine.clock import today
from policies.engine.exemptions import EXEMPTIONS, Exemption


def ending(exemptions: Iterable[Exemption], since: date, days: int) -> Sequence[Exemption]:
    """Return the exemptions that end within so many days, or have ended, by date."""
    last = since + timedelta(days=days)
    return sorted((each for each in exemptions if each.expires <= last), key=lambda each: (each.expires, each.resource))


def lines(exemptions: Sequence[Exemption], days: int) -> Sequence[str]:
    """Return what is to be printed: each exemption with its owner and reason."""
    if not exemptions:
        return [f"No exemption ends within {days} days"]
    return [
        f"{each.expires}  {each.stack}: {each.resource} from {each.rule}, {each.owner_role}: {each.reason}"
        for each in exemptions
    ]


def main(arguments: Sequence[str]) -> int:
    """Print them; 1 if there are any, 2 for another argument than a number of days."""
    if len(arguments) != 1 or not arguments[0].isdecimal():
        sys.stderr.write("usage: python -m reports.exemptions DAYS\n")
        return 2
    days = int(arguments[0])
    found = ending(EXEMPTIONS, today(), days)
    sys.stdout.write("\n".join(lines(found, days)) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
