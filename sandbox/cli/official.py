"""Install the official Pulumi CLI: `python -m sandbox.cli.official ROOT VERSION`, run by sandbox.cli.find."""

import subprocess
import sys
import urllib.request
from pathlib import Path

from pulumi import automation as auto
from semver import VersionInfo

# The source of the Automation API's installer, which has no time limit itself: this one is checked first.
SOURCE = "https://get.pulumi.com/install.sh"
TIMEOUT_SECONDS = 5


def main(root: Path, version: str) -> int:
    """Install into ROOT/bin; 1, with the reason on stdout, if the source is unreachable or the installer fails."""
    try:
        with urllib.request.urlopen(urllib.request.Request(SOURCE, method="HEAD"), timeout=TIMEOUT_SECONDS):
            pass
        auto.PulumiCommand.install(root=str(root), version=VersionInfo.parse(version))
    except subprocess.CalledProcessError as error:
        sys.stdout.write((error.output or b"").decode(errors="replace"))
    except (OSError, auto.InvalidVersionError) as error:
        sys.stdout.write(f"{SOURCE}: {error}\n")
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
