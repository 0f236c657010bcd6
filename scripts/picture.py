"""Draw a run of a command as an SVG: ``scripts/picture.py OUT TITLE COMMAND...``.

The picture of the README is what the command really printed.
"""

import os
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

COLUMNS = 116
FRAME = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: monospace; font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}<g class="{unique_id}-matrix">{matrix}</g>
</g>
</svg>
"""


def main(out: str, title: str, *command: str) -> None:
    """Run, and draw what came out."""
    env = {**os.environ, "COLUMNS": str(COLUMNS), "FORCE_COLOR": "1", "TERM": "xterm-256color"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    console = Console(record=True, width=COLUMNS, file=Path(os.devnull).open("w"))  # noqa: SIM115 - open to the end
    console.print(Text.from_ansi(done.stdout.rstrip()))
    svg = console.export_svg(title=title, theme=MONOKAI, code_format=FRAME, unique_id="demo")
    Path(out).write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n")


main(*sys.argv[1:])
