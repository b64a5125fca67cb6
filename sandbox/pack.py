"""Serves a policy pack until standard input closes: `python -m sandbox.pack`, in the pack's folder.

The pack is started as the engine starts it, but it also ends with the process that started it.
"""

import os
import runpy
import sys
import threading


def _end_with_standard_input() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    threading.Thread(target=_end_with_standard_input, daemon=True).start()
    # The first argument would be the engine's address, which a pack of rules has no use for.
    sys.argv[1:] = ["", "."]
    runpy.run_module("pulumi.policy", run_name="__main__", alter_sys=True)
