"""The emulator's own process: MiniStack, which ends with whoever started it.

The starter holds the other end of this process's standard input. Even when the starter is killed, that pipe closes, and
the emulator saves its state and leaves, so that no orphan keeps the port.
"""

import os
import signal
import sys
import threading

from ministack.app import main


def _leave_with_the_starter() -> None:
    # Not sys.stdin: its lock would still be held by this thread when the interpreter shuts down.
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_leave_with_the_starter, daemon=True).start()
    sys.argv = ["ministack"]
    main()
