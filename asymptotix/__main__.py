"""``python -m asymptotix`` is the command line."""

from asymptotix.cli import main

main()
