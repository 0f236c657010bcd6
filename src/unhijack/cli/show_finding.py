"""Findings as a person reads them. Everything from a file is made harmless first."""

from collections.abc import Iterator

from rich.text import Text

from unhijack.core.finding import SURE, Finding, Mend
from unhijack.core.text import printable
from unhijack.parse.server.cms import Product

_MENDS = {
    Mend.REMOVE_BLOCK: "cut the block, keep the file",
    Mend.RESTORE: "put the released file back",
    Mend.QUARANTINE: "set the whole file aside",
    Mend.REVIEW: "look at it",
}


def finding_lines(finding: Finding) -> Iterator[Text]:
    """A finding in a few lines."""
    sure = finding.confidence >= SURE
    head = Text(f"{finding.kind.upper():<16}", style="bold red" if sure else "bold yellow")
    place = f":{finding.line}" if finding.line else ""
    head.append(printable(finding.path, 400) + place, style="bold")
    yield head
    doubt = "" if sure else " (not certain)"
    yield Text(f"    because: {printable(finding.reason, 300)}{doubt} [{finding.rule}]")
    if finding.excerpt:
        yield Text(f"    shown by: {printable(finding.excerpt)}", style="dim")
    yield Text(f"    repair:  {_MENDS[finding.repair]}")


def product_line(product: Product) -> Text:
    """What was recognised."""
    where = printable(product.root, 200) or "."
    return Text(f"{printable(product.name, 80)} {printable(product.version, 40)} in {where}", "dim")
