"""`python -m specbridge` is `specbridge`."""

from specbridge.cli.main import main

main(prog_name="specbridge")
