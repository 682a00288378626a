"""What a request that fails says, and what it never says."""

from __future__ import annotations

import pytest
from lying_endpoint import lying

from kgqa.web import HttpRequest, HttpWire, Secret, scrubbed


def test_a_server_without_tls_is_told_from_one_that_is_not_there() -> None:
    with lying("") as server:
        response = HttpWire().send(HttpRequest(server.url.replace("http:", "https:")), 5)
    assert response.trouble == "unreachable"
    assert "SSL" in response.reason
    assert HttpWire().send(HttpRequest("http://127.0.0.1:9/"), 5).reason == "Connection refused"


def test_the_password_of_a_proxy_whose_address_is_none_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://user:secret/word@proxy:3128")
    response = HttpWire().send(HttpRequest("http://example.org/"), 5)
    assert (response.trouble, response.reason) == ("unreachable", "the address of the proxy is not a URL")


@pytest.mark.parametrize("header", [{"X y\n": "1"}, {"": "1"}, {"X": "1\r\nY: 2"}])
def test_a_header_that_cannot_be_sent_is_no_request(header: dict[str, str]) -> None:
    with lying("") as server:
        assert HttpWire().send(HttpRequest(server.url, header), 5).trouble == "unusable"
        assert server.queries == []


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("X-Api-Key: key-2", "key=key-2"),
        ("X-Api-Key:key-2", "(key-2)"),
        ("Authorization: Bearer key-2", "the token key-2"),
        ("ann:key-2", "password=key-2"),
    ],
)
def test_the_value_of_a_header_or_login_is_hidden_wherever_it_stands(secret: str, said: str) -> None:
    assert scrubbed(said, [Secret(secret)]) == said.replace("key-2", "***")
