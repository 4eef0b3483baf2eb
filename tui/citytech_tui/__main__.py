"""Start CityTech: the app, or a verb of the command line."""

from __future__ import annotations

import contextlib
import gc
import os
import sys

from citytech_data.errors import CityTechError
from citytech_data.text import clean
from citytech_tui import PROGRAM
from citytech_tui.remembered import RememberedFrame

COMPLETION = "_CITYTECH_TUI_COMPLETE"
"""The variable that a shell sets when it asks for completions."""

FAULT = 2
INTERRUPTED = 130
BROKEN_PIPE = 141
"""The exit statuses: bad data or arguments, ctrl-c, the reader of the pipe has gone."""


def main() -> int:
    """Run the program with the arguments of the process and return its exit status."""
    # While modules are imported nothing becomes garbage, and looking for it takes time.
    gc.disable()
    try:
        with RememberedFrame(sys.argv[1:]) as frame:
            frame.show()
            status = _run(sys.argv[1:], frame)
        # What is flushed only while Python exits can no longer be reported.
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return INTERRUPTED
    except CityTechError as error:
        return _fail(str(error))
    except OSError as error:
        _drop_output()
        place = "" if error.filename is None else f"{error.filename}: "
        return _fail(f"{place}{error.strerror or error}")
    return status


def _run(arguments: list[str], frame: RememberedFrame) -> int:
    from citytech_tui.launch import launch, plain_options

    options = None if COMPLETION in os.environ else plain_options(arguments)
    if options is not None:
        return launch(options, frame)
    from citytech_tui.cli import run

    return run(arguments, PROGRAM, frame)


def _fail(message: str) -> int:
    if sys.stderr is not None:
        with contextlib.suppress(OSError):  # the terminal has gone
            sys.stderr.write(f"{PROGRAM}: error: {clean(message)}\n")
    return FAULT


def _drop_output() -> None:
    """Send what is still buffered nowhere, or Python complains about it when it exits."""
    if sys.stdout is None:
        return
    with contextlib.suppress(OSError):  # not a file of the system, so nothing can go wrong
        output = sys.stdout.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, output)
        os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main())
