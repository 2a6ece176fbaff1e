"""The command line: ``python -m autograd_core COMMAND``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from autograd_core import info, selfcheck


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the arguments after the program's name; ``sys.argv[1:]`` if None.

    Returns:
        The exit status: 0 if the command succeeded.
    """
    parser = argparse.ArgumentParser(
        prog="python -m autograd_core", description="Tools that come with autograd_core."
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    info.add_command(commands)
    selfcheck.add_command(commands)
    options = parser.parse_args(argv)
    return options.run(options)


if __name__ == "__main__":
    sys.exit(main())
