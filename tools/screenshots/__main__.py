"""Take pictures: of the screens of a running demo, or of the form of each action and trigger."""

import argparse
import sys
from pathlib import Path

from tools.console import SetupError, fail
from tools.screenshots import forms, screens


def main() -> int:
    """Take the pictures and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.screenshots", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("screens", "forms"), default="screens")
    parser.add_argument("--url", default="http://127.0.0.1:8069", help="of the demo, for screens")
    parser.add_argument("--only", nargs="*", help="kinds of actions and triggers, for forms")
    parser.add_argument("--folder", type=Path, default=screens.PICTURES)
    options = parser.parse_args()
    try:
        if options.what == "screens":
            screens.take(options.url, options.folder)
        else:
            forms.take(options.folder, options.only)
    except SetupError as error:
        return fail(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
