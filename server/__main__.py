"""`python -m server` is the command `atelier`."""

from server.cli import main

main()
