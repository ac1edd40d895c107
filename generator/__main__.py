"""`python -m generator` is `specbridge`."""

from generator.cli.main import main

main(prog_name="specbridge")
