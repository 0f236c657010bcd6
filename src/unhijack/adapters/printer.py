"""The Printer port by WeasyPrint. It reads fonts of the system, and nothing else."""

import logging

from weasyprint import HTML
from weasyprint.urls import FatalURLFetchingError, URLFetcher

from unhijack.core.errors import WrongUse

logging.getLogger("weasyprint").setLevel(logging.CRITICAL)  # it tells of every style it lacks

MOST_CHARACTERS = 1024 * 1024
"""Of a page that is printed: a letter has a fiftieth of that."""


class _Refusing(URLFetcher):  # type: ignore[misc]  # ships no types
    """Whatever a page wants: it is not fetched, and then there is no print."""

    def fetch(self, url: str, headers: object = None) -> object:
        """Never."""
        raise FatalURLFetchingError(f"a page that is printed names no address ({url[:60]!r})")


class WeasyPrinter:
    """In this process; a letter of four pages takes less than a second."""

    def pdf(self, page: str) -> bytes:
        """See the port."""
        if len(page) > MOST_CHARACTERS:
            raise WrongUse(f"a page of {len(page)} characters is not printed")
        try:
            printed = HTML(string=page, url_fetcher=_Refusing()).write_pdf()
        except FatalURLFetchingError as error:
            raise WrongUse(f"the letter cannot be printed: {error}") from None
        assert printed is not None  # no file was named to write to
        return bytes(printed)
