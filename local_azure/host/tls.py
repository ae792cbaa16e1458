"""A certificate authority of our own and one certificate for all of Azure's names. It opens nothing real."""

import datetime
import fcntl
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from local_azure.state import locations

HOSTS = (
    "management.azure.com",
    "login.microsoftonline.com",
    "login.windows.net",
    "sts.windows.net",
    "graph.microsoft.com",
    "*.vault.azure.net",
    "*.blob.core.windows.net",
    "*.blob.core.chinacloudapi.cn",
    "*.blob.core.usgovcloudapi.net",
    "*.azurecr.io",
    "*.data.azurecr.io",
    *(f"*.{region}.data.azurecr.io" for region in locations.PUBLIC),
    "management.chinacloudapi.cn",
    "login.chinacloudapi.cn",
    "login.partner.microsoftonline.cn",
    "microsoftgraph.chinacloudapi.cn",
    "*.vault.azure.cn",
    "*.azurecr.cn",
    *(f"*.{region}.data.azurecr.cn" for region in locations.CHINA),
    "management.usgovcloudapi.net",
    "login.microsoftonline.us",
    "graph.microsoft.us",
    "*.vault.usgovcloudapi.net",
    "*.azurecr.us",
    *(f"*.{region}.data.azurecr.us" for region in locations.US_GOVERNMENT),
)
VALID = datetime.timedelta(days=365)
RENEW_BEFORE = datetime.timedelta(days=7)


def server_context(directory: Path) -> ssl.SSLContext:
    """Return the TLS context of the server; authority and certificate are created in `directory`, or reused."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as lock:  # several emulators may start with the same directory at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _usable(directory):
            _make(directory)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "server.pem", directory / "server-key.pem")
    return context


def ca_file(directory: Path) -> Path:
    """Return the file that clients must trust: the authority's certificate and nothing else."""
    return directory / "ca.pem"


def _usable(directory: Path) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate((directory / "server.pem").read_bytes())
    except (OSError, ValueError):
        return False
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    now = datetime.datetime.now(datetime.UTC)
    fresh = certificate.not_valid_after_utc - now > RENEW_BEFORE
    files = (directory / name for name in ("ca.pem", "server-key.pem"))
    return fresh and set(names.get_values_for_type(x509.DNSName)) == set(HOSTS) and all(file.exists() for file in files)


def _make(directory: Path) -> None:
    ca_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name, server_name = _name("local-azure CA: opens nothing real"), _name("local-azure")
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    authority = (
        _certificate(ca_name, ca_name, ca_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    server = (
        _certificate(server_name, ca_name, server_key)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in HOSTS]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    _write(directory / "ca.pem", _pem(authority))
    _write(directory / "server-key.pem", _key_pem(server_key))
    _write(directory / "server.pem", _pem(server) + _pem(authority))


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + VALID)
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
