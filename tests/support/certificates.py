"""A certificate authority for one test run, and what it signs."""

import datetime
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def write(self, path: Path) -> Path:
        """Both in one PEM file, as Apache and nginx take it."""
        path.write_bytes(
            self.certificate.public_bytes(Encoding.PEM)
            + self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        return path


def authority() -> Pair:
    """A new root that nobody but the test trusts."""
    return _made("unhijack test authority", None, days=30, is_authority=True)


def issue(root: Pair, name: str, *, days: int = 30) -> Pair:
    """A certificate for one name; fewer than no days make it expired."""
    return _made(name, root, days=days, is_authority=False)


def self_signed(name: str) -> Pair:
    """A certificate that vouches for itself."""
    return _made(name, None, days=30, is_authority=False)


def _made(name: str, issuer: Pair | None, *, days: int, is_authority: bool) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.datetime.now(datetime.UTC)
    begin = today - 60 * DAY
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(today + days * DAY)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if not is_authority:
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        built = built.add_extension(names, critical=False)
    return Pair(built.sign(issuer.key if issuer else key, hashes.SHA256()), key)
