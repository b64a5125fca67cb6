"""Serve a policy pack until standard input closes: `python -m sandbox.pack`, in the pack's folder.

The pack starts as under the engine, and also ends when the process that started it does.
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
    # The first argument would be the engine's address, which this pack doesn't use.
    sys.argv[1:] = ["", "."]
    runpy.run_module("pulumi.policy", run_name="__main__", alter_sys=True)
