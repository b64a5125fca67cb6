"""Installs the official Pulumi CLI: `python -m sandbox.cli.official ROOT VERSION`, run by sandbox.cli.find."""

import subprocess
import sys
import urllib.request
from pathlib import Path

from pulumi import automation as auto
from semver import VersionInfo

# Where the Automation API's installer begins. Asked first, since the installer itself waits for an answer for ever.
SOURCE = "https://get.pulumi.com/install.sh"
REACH_SECONDS = 5


def main(root: Path, version: str) -> int:
    """Install into ROOT/bin; 1, with the reason on stdout, if the source can't be reached or the installer fails."""
    try:
        with urllib.request.urlopen(urllib.request.Request(SOURCE, method="HEAD"), timeout=REACH_SECONDS):
            pass
        auto.PulumiCommand.install(root=str(root), version=VersionInfo.parse(version))
    except subprocess.CalledProcessError as failed:
        sys.stdout.write((failed.output or b"").decode(errors="replace"))
    except (OSError, auto.InvalidVersionError) as error:
        sys.stdout.write(f"{SOURCE}: {error}\n")
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
