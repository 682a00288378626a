import re

import pytest
from starlette.testclient import TestClient
from unit.server.conftest import films_catalogue, keyed

from kgqa.server import ServerOptions
from kgqa.server.routes.page import FOLDER
from kgqa.web import Secret


@pytest.mark.parametrize("path", ["/health", "/", "/api/v1/graphs"])
def test_a_monitor_may_ask_for_headers_alone(client: TestClient, path: str) -> None:
    whole, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.content))


@pytest.mark.parametrize(
    ("path", "kind"), [("/", "text/html"), ("/docs", "text/html"), ("/page/main.js", "text/javascript")]
)
def test_the_page_is_served_under_a_policy_that_lets_nothing_else_run(
    client: TestClient, path: str, kind: str
) -> None:
    reply = client.get(path)
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith(kind)
    policy = reply.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_a_browser_asks_whether_its_copy_is_the_newest(client: TestClient) -> None:
    reply = client.get("/page/main.js")
    assert reply.headers["cache-control"] == "no-cache"
    again = client.get("/page/main.js", headers={"If-None-Match": reply.headers["etag"]})
    assert (again.status_code, again.text) == (304, "")
    assert client.get("/page/main.js", headers={"If-None-Match": '"other"'}).text == reply.text


@pytest.mark.parametrize(
    "name", ["nothing.js", "../app.py", "..%2fapp.py", "%2e%2e/app.py", "/etc/passwd", "views", "%00"]
)
def test_only_files_of_the_page_are_served(client: TestClient, name: str) -> None:
    reply = client.get(f"/page/{name}")
    assert reply.status_code == 404
    assert "class" not in reply.text


def test_whatever_a_file_of_the_page_names_is_there(client: TestClient) -> None:
    for path in [path for path in FOLDER.rglob("*.js") if "vendor" not in path.parts]:
        for name in re.findall(r'from "(\.[^"]+)"', path.read_text("utf-8")):
            assert (path.parent / name).is_file(), f"{path.name} imports {name}"
    for page in ("index.html", "docs.html"):
        for name in re.findall(r'(?:src|href)="(page/[^"]+)"', (FOLDER / page).read_text("utf-8")):
            assert client.get(f"/{name}").status_code == 200, name


def test_the_page_has_no_inline_script_or_style_and_never_sets_html() -> None:
    for path in [
        path for path in FOLDER.rglob("*") if path.suffix in (".js", ".html") and "vendor" not in path.parts
    ]:
        text = path.read_text("utf-8")
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text
        ), path.name
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=\"", text), path.name
        assert not re.search(r"https?://(?!www\.w3\.org)", text), path.name


def test_vendored_files_are_those_of_the_table(client: TestClient) -> None:
    import hashlib

    folder = FOLDER / "vendor"
    sums = re.findall(r"^([0-9a-f]{64})  (\S+)$", (folder / "README.md").read_text("utf-8"), re.MULTILINE)
    code = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.suffix in (".js", ".mjs", ".css")
    }
    assert {name for _, name in sums} == code
    for digest, name in sums:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
        assert (folder / name).parent.joinpath("LICENSE").is_file()


def test_a_key_is_described_for_those_who_try_the_routes() -> None:
    catalogue = films_catalogue()
    told = keyed(catalogue, ServerOptions(key=Secret("s3cret"))).get("/openapi.json").json()
    assert [one["scheme"] for one in told["components"]["securitySchemes"].values()] == ["bearer"]
    assert told["paths"]["/api/v1/graphs"]["get"]["security"]
    assert "securitySchemes" not in keyed(catalogue, ServerOptions()).get("/openapi.json").text
    catalogue.close()
