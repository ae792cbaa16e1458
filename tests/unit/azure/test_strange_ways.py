"""Ways to Azure that are odd: links that lead elsewhere, proxies, certificate authorities, clocks."""

import os
import ssl
from pathlib import Path

import aiohttp
import pytest
from azure.core.exceptions import ServiceRequestError

from acr_relocate.azure.client.errors import of_network
from acr_relocate.azure.client.rate_limits import RateLimits
from acr_relocate.azure.client.registry_http import RegistryHttp, RegistryResponse
from acr_relocate.azure.client.registry_paths import next_page
from acr_relocate.azure.client.worker_environment import settle_environment, trusted
from acr_relocate.core.errors import ConnectionNotTrusted, InvalidRequest, RelocationError, TemporaryFailure

HOST = "contosoregistry.azurecr.io"
LINKS = ["https:.evil.example/v2/", "x:@evil.example/", "https:%2eevil.example", "x:evil", "https:\\evil.example/"]


@pytest.mark.parametrize("link", LINKS)
async def test_a_link_cannot_become_a_part_of_the_host(link: str) -> None:
    """A path in a URL begins with a slash, or the token would go to another host."""
    following = next_page(RegistryResponse(200, {"Link": f'<{link}>; rel="next"'}, b"{}"), "/acr/v1/_catalog")
    assert following is not None
    async with aiohttp.ClientSession() as session:
        registry = RegistryHttp(HOST, session, RateLimits())
        with pytest.raises(RelocationError, match=f"leads away from {HOST}"):
            await registry.send("GET", following, kind="reads", doing="Listing")


@pytest.mark.parametrize("link", ["https://evil.example/x", "//evil.example/x", "https://evil.example:443/x?y=1"])
def test_of_a_link_to_another_host_only_the_path_counts(link: str) -> None:
    """A registry's listing goes on at the registry."""
    following = next_page(RegistryResponse(200, {"Link": f'<{link}>; rel="next"'}, b"{}"), "/acr/v1/_catalog")
    assert following
    assert following.startswith("/x")


@pytest.mark.parametrize(
    ("value", "settled"),
    [
        ("proxy:3128", "http://proxy:3128"),
        ("user:word@proxy:3128", "http://user:word@proxy:3128"),
        (" http://proxy ", "http://proxy"),
        ("[::1]:3128", "http://[::1]:3128"),
        ("", ""),
    ],
)
def test_a_proxy_may_lack_its_scheme(value: str, settled: str) -> None:
    """As curl, az and git take it."""
    environment = {"HTTPS_PROXY": value}
    settle_environment(environment)
    assert environment["HTTPS_PROXY"].strip() == settled


@pytest.mark.parametrize("value", ["socks5://me:word@proxy:1080", "http://", "http://proxy:port", "http://proxy:99999"])
def test_what_is_no_proxy_is_named(value: str) -> None:
    """With the variable, and without a password."""
    with pytest.raises(InvalidRequest, match="HTTPS_PROXY is") as refused:
        settle_environment({"HTTPS_PROXY": value})
    assert "word" not in str(refused.value)


def test_an_empty_certificate_file_is_none() -> None:
    """And the passwords of .netrc are for other tools."""
    environment = {"SSL_CERT_FILE": "", "SSL_CERT_DIR": ""}
    settle_environment(environment)
    assert environment == {"NETRC": os.devnull}


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_authorities_that_are_not_there_are_named(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By the variable; so is a file that holds none."""
    monkeypatch.setenv(name, str(tmp_path / "none.pem"))
    with pytest.raises(InvalidRequest, match=f"{name} names .*none.pem"):
        trusted()


def test_authorities_that_az_trusts_are_trusted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """REQUESTS_CA_BUNDLE adds to those that there are; what is no certificate is said."""
    (tmp_path / "empty.pem").write_text("none")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "empty.pem"))
    with pytest.raises(InvalidRequest, match="REQUESTS_CA_BUNDLE"):
        trusted()


@pytest.mark.parametrize(("code", "words"), [(20, "SSL_CERT_FILE"), (19, "SSL_CERT_FILE"), (9, "clock"), (10, "clock")])
def test_a_certificate_that_is_not_trusted_has_its_own_remedy(code: int, words: str) -> None:
    """Signing in again would not help, and the same again would fail."""
    untrusted = ssl.SSLCertVerificationError(1, "certificate verify failed")
    untrusted.verify_code = code
    sdk = ServiceRequestError("Cannot connect", error=aiohttp.ClientConnectionError())
    sdk.__cause__ = untrusted
    error = of_network(sdk, "Signing in", "login.microsoftonline.com")
    assert isinstance(error, ConnectionNotTrusted)
    assert words in error.remedy
    assert "az login" not in error.remedy


def test_a_network_that_is_away_is_tried_again() -> None:
    """With nothing to do but to wait."""
    assert isinstance(of_network(OSError("unreachable"), "Reading", "x"), TemporaryFailure)
