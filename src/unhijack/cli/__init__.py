"""The front door: a file a command."""

import contextlib
import gc
import sys

import click

from unhijack import __version__
from unhijack.cli.cases import cases
from unhijack.cli.check import check
from unhijack.cli.demo import demo
from unhijack.cli.report import report
from unhijack.cli.unseal import unseal
from unhijack.cli.worker import worker
from unhijack.core.errors import WrongUse
from unhijack.core.text import printable

WRONG = 2
INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """From a citizen's report of a hijacked web server to a verified clean one."""


for _command in (check, report, cases, worker, unseal, demo):
    cli.add_command(_command)


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
