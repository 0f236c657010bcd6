"""What a server's certificate says of the names that share it."""

import hashlib

from cryptography import x509

from unhijack.core.site import NotAnAddress, parse_address
from unhijack.core.sources import Certificate

MOST_BYTES = 64 * 1024
MOST_NAMES = 1_000


def read_certificate(der: bytes) -> Certificate | None:
    """A certificate's meaning; None for bytes that are none. Never raises."""
    if len(der) > MOST_BYTES:
        return None
    try:
        found = x509.load_der_x509_certificate(der).extensions
        names = found.get_extension_for_class(x509.SubjectAlternativeName).value
        written = names.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        written = []
    except (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return None
    hosts = {host for name in written[:MOST_NAMES] if (host := _host(name))}
    return Certificate(hashlib.sha256(der).hexdigest(), tuple(sorted(hosts)))


def _host(name: str) -> str:
    try:
        return parse_address(f"http://{name.removeprefix('*.')}/").host
    except NotAnAddress:
        return ""
