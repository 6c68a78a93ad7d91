"""The commands behind the Makefile: python3 -m tools COMMAND (--help lists them)."""

import sys

# An older Python would stumble over the syntax of the modules below with a long trace.
if sys.version_info < (3, 10):  # noqa: UP036
    sys.exit("error: Python 3.10 or newer is needed; this is " + sys.version.split()[0] + ".")

from tools.cli import main

if __name__ == "__main__":
    sys.exit(main())
