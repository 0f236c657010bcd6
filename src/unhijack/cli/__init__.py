"""The front door: a file a command."""

import contextlib
import gc
import sys
from importlib import import_module

import click

from unhijack import __version__
from unhijack.core.errors import WrongUse
from unhijack.core.text import printable

WRONG = 2
INTERRUPTED = 130

COMMANDS = (
    *("check", "report", "cases", "contacts", "mail", "stats", "worker", "unseal"),
    *("scan", "clean", "known", "demo", "doctor"),
)
"""Each is the function of its name in the file of its name."""


class FrontDoor(click.Group):
    """Imports a command when it is wanted: a scan has no use for a network, nor for a database."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"unhijack.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=FrontDoor, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """From a citizen's report of a hijacked web server to a verified clean one."""


def main() -> None:
    """Run a command; whatever is wrong with its use is one line on stderr, and exit code 2."""
    gc.freeze()  # what was imported stays: no need to look at it at every collection
    try:
        code = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        code = _complain(error.format_message())
    except WrongUse as error:
        code = _complain(str(error))
    except (click.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    except SystemExit:  # click's, when its reader went away: nothing was found by that
        code = WRONG
    except BrokenPipeError:
        _forget_output()
        code = WRONG
    except OSError as error:
        _forget_output()
        code = _complain(f"output cannot be written: {error.strerror or error}")
    sys.exit(code if isinstance(code, int) else 0)


def _complain(text: str) -> int:
    sys.stderr.write(f"unhijack: {printable(' '.join(text.split()), 600)}\n")
    return WRONG


def _forget_output() -> None:
    """Keep the interpreter from trying once more to write what cannot be written."""
    with contextlib.suppress(OSError):
        sys.stdout.close()
