"""The command line: ``asymptotix COMMAND``; a module a kind of command, one for the options they share."""

from asymptotix.cli.commands import main

__all__ = ["main"]
