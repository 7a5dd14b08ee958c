"""Throw-away certificates in pure Python. FOR DEMONSTRATIONS ONLY: the arithmetic is slow and leaks its timing."""
import base64
import datetime
import hashlib
import secrets

# Curve P-256 (FIPS 186-5): y^2 = x^3 - 3x + B over the field of P, with the generator (GX, GY) of order N.
P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
GX = 0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296
GY = 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5


def _add(a, b):
    """The sum of two points; None is the point at infinity."""
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    if a == b:
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def _times(scalar):
    """`scalar` times the generator."""
    total, power = None, (GX, GY)
    while scalar:
        if scalar & 1:
            total = _add(total, power)
        power, scalar = _add(power, power), scalar >> 1
    return total


# DER (X.690): tag, length, content.

def _der(tag, *parts):
    body = b"".join(parts)
    size = len(body)
    length = bytes([size]) if size < 128 else bytes([0x80 + (size.bit_length() + 7) // 8]) + size.to_bytes(
        (size.bit_length() + 7) // 8, "big")
    return bytes([tag]) + length + body


def _sequence(*parts):
    return _der(0x30, *parts)


def _integer(value):
    return _der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _bits(data):
    return _der(0x03, b"\0", data)


def _octets(data):
    return _der(0x04, data)


def _oid(hexadecimal):
    return _der(0x06, bytes.fromhex(hexadecimal))


ECDSA_SHA256 = _sequence(_oid("2a8648ce3d040302"))
EC_P256 = _sequence(_oid("2a8648ce3d0201"), _oid("2a8648ce3d030107"))


class Key:
    """A P-256 key pair."""

    def __init__(self):
        self.secret = secrets.randbelow(N - 1) + 1
        x, y = _times(self.secret)
        self.point = b"\4" + x.to_bytes(32, "big") + y.to_bytes(32, "big")

    def public_info(self):
        return _sequence(EC_P256, _bits(self.point))

    def identifier(self):
        """The key identifier (RFC 5280, 4.2.1.2)."""
        return hashlib.sha1(self.point).digest()

    def sign(self, data):
        """An ECDSA signature with SHA-256, in DER."""
        digest = int.from_bytes(hashlib.sha256(data).digest(), "big")
        while True:
            nonce = secrets.randbelow(N - 1) + 1
            r = _times(nonce)[0] % N
            s = pow(nonce, -1, N) * (digest + r * self.secret) % N
            if r and s:
                return _sequence(_integer(r), _integer(s))

    def pem(self):
        """The private key (RFC 5915) in PEM."""
        return _pem("EC PRIVATE KEY", _sequence(
            _integer(1), _octets(self.secret.to_bytes(32, "big")), _der(0xA0, _oid("2a8648ce3d030107")),
            _der(0xA1, _bits(self.point))))


def _pem(label, der):
    text = base64.b64encode(der).decode()
    lines = [text[at:at + 64] for at in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def _name(common_name):
    return _sequence(_der(0x31, _sequence(_oid("550403"), _der(0x0C, common_name.encode()))))


def _time(moment):
    return _der(0x17, moment.strftime("%y%m%d%H%M%SZ").encode())


def _extension(oid, critical, value):
    return _sequence(_oid(oid), *([_der(0x01, b"\xff")] if critical else []), _octets(value))


def _certificate(subject, key, issuer, issuer_key, extensions):
    now = datetime.datetime.now(datetime.timezone.utc)
    validity = _sequence(_time(now - datetime.timedelta(hours=1)), _time(now + datetime.timedelta(days=1)))
    extensions = [*extensions, _extension("551d0e", False, _octets(key.identifier())),
                  _extension("551d23", False, _sequence(_der(0x80, issuer_key.identifier())))]
    body = _sequence(_der(0xA0, _integer(2)), _integer(secrets.randbits(120) + 1), ECDSA_SHA256, _name(issuer),
                     validity, _name(subject), key.public_info(), _der(0xA3, _sequence(*extensions)))
    return _pem("CERTIFICATE", _sequence(body, ECDSA_SHA256, _bits(issuer_key.sign(body))))


class Authority:
    """A CA that is valid for a day."""

    def __init__(self, name):
        self.name, self.key = name, Key()
        basic = _extension("551d13", True, _sequence(_der(0x01, b"\xff")))
        usage = _extension("551d0f", True, _der(0x03, b"\x01\x06"))  # keyCertSign, cRLSign
        self.certificate = _certificate(name, self.key, name, self.key, [basic, usage])

    def issue(self, host):
        """(certificate, key) for a server named `host`, both in PEM."""
        key = Key()
        extensions = [_extension("551d0f", True, _der(0x03, b"\x07\x80")),  # digitalSignature
                      _extension("551d25", False, _sequence(_oid("2b06010505070301"))),  # serverAuth
                      _extension("551d11", False, _sequence(_der(0x82, host.encode())))]
        return _certificate(host, key, self.name, self.key, extensions), key.pem()
