"""`python -m frontend.cli`: the command line."""

from frontend.cli.main import run

run()
