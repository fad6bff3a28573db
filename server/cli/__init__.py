"""The command line: one noun a file. Heavy things are imported by the command that needs them."""

from server.cli.main import main

__all__ = ["main"]
