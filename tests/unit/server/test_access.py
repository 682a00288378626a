import pytest
from starlette.testclient import TestClient
from unit.server.conftest import keyed

from kgqa.errors import UsageError
from kgqa.server import ServerOptions
from kgqa.service import GraphCatalogue
from kgqa.web import Secret

GRAPHS = "/api/v1/graphs"


def test_a_key_is_needed_for_all_but_health_and_the_page(catalogue: GraphCatalogue) -> None:
    client = keyed(catalogue, ServerOptions(key=Secret("s3cret")))
    refused = client.get(GRAPHS)
    assert (refused.status_code, refused.json()["error"]["type"]) == (401, "AccessError")
    assert client.get(GRAPHS, headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert client.get(GRAPHS, headers={"Authorization": "Basic s3cret"}).status_code == 401
    assert client.get(GRAPHS, headers={"Authorization": "bearer s3cret"}).status_code == 200
    assert client.get(GRAPHS, headers={"X-API-Key": "s3cret"}).status_code == 200
    assert client.get("/health").status_code == 200
    assert client.get("/metrics").status_code == 401
    assert client.get("/page/../api/v1/graphs").status_code == 401


def test_a_server_on_loopback_is_called_by_names_of_loopback_only(client: TestClient) -> None:
    for host in ("127.0.0.1:8000", "localhost", "[::1]:8000"):
        assert client.get(GRAPHS, headers={"Host": host}).status_code == 200, host
    for host in ("evil.example", "127.0.0.1.evil.example", "[", ""):
        assert client.get(GRAPHS, headers={"Host": host}).status_code == 400, host


def test_another_name_is_allowed_by_an_option(catalogue: GraphCatalogue) -> None:
    client = keyed(catalogue, ServerOptions(hosts=("kgqa.example",)))
    assert client.get(GRAPHS, headers={"Host": "kgqa.example"}).status_code == 200
    assert client.get(GRAPHS, headers={"Host": "other.example"}).status_code == 400


def test_a_page_of_another_origin_is_refused(client: TestClient) -> None:
    assert client.get(GRAPHS, headers={"Origin": "http://evil.example"}).status_code == 403
    assert client.get(GRAPHS, headers={"Origin": "null"}).status_code == 403
    assert client.get(GRAPHS, headers={"Origin": "http://["}).status_code == 403
    assert client.get(GRAPHS, headers={"Origin": "http://127.0.0.1:8000"}).status_code == 200


def test_an_address_beyond_loopback_needs_a_key_or_a_word() -> None:
    with pytest.raises(UsageError, match="set a key"):
        ServerOptions(host="0.0.0.0")
    ServerOptions(host="0.0.0.0", keyless=True)
    ServerOptions(host="0.0.0.0", key=Secret("s3cret"))
    ServerOptions(host="::1")


def test_every_reply_has_the_headers_of_a_strict_page(client: TestClient) -> None:
    for reply in (client.get(GRAPHS), client.get("/nowhere"), client.get(GRAPHS, headers={"Host": "x"})):
        assert reply.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
        assert reply.headers["x-content-type-options"] == "nosniff"


def test_an_address_that_is_taken_is_one_clear_error() -> None:
    with ServerOptions(port=0).bind() as bound:
        bound.listen()
        taken = ServerOptions(port=bound.getsockname()[1])
        with pytest.raises(UsageError, match="choose another --port"):
            taken.bind()
