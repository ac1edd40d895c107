"""`completion`: what a shell is to read once."""

import click

from specbridge.cli.completing.answer import SHELLS, script


@click.command(epilog="""\b
Examples:
  specbridge completion bash > ~/.local/share/bash-completion/completions/specbridge
  specbridge completion zsh > ~/.zfunc/_specbridge
  specbridge completion fish > ~/.config/fish/completions/specbridge.fish
""")
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the script that has SHELL complete commands, options and values (docs/terminal.md)."""
    click.echo(script(shell), nl=False)
