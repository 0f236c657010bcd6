"""The names that share a certificate."""

from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from tests.support.certificates import self_signed
from unhijack.parse.certificate import read_certificate

REAL = self_signed("www.bakery.test").certificate.public_bytes(Encoding.DER)


def test_a_certificate_has_a_fingerprint_and_names():
    found = read_certificate(REAL)

    assert found is not None
    assert found.names == ("www.bakery.test",)
    assert len(found.sha256) == 64


@given(
    st.binary(max_size=500)
    | st.integers(0, len(REAL) - 1).map(lambda n: REAL[:n] + b"\xff" + REAL[n + 1 :])
)
def test_any_bytes_are_read_or_none(der: bytes):
    read_certificate(der)
