"""The planned CloudFront function in a JavaScript engine: it serves the application for client-side paths only."""

import json
from typing import cast

import pytest
from py_mini_racer import MiniRacer

from sandbox.values import Value
from tests.components.recorded import record_resources
from tests.settings.support import as_data, changed

FUNCTION = ("aws:cloudfront/function:Function", "edge-single-page")
MAX_BYTES = 10 * 1024


@pytest.fixture(scope="module")
def code() -> str:
    inputs = record_resources(changed(as_data("production"), {}), stack="production")[FUNCTION]
    assert inputs["runtime"] == "cloudfront-js-2.0"
    return str(inputs["code"])


@pytest.fixture(scope="module")
def engine(code: str) -> MiniRacer:
    racer = MiniRacer()
    racer.eval(code)
    return racer


def viewer_request(uri: str) -> dict[str, Value]:
    """Return a viewer request event of CloudFront (event structure 1.0)."""
    return {
        "version": "1.0",
        "context": {"eventType": "viewer-request", "distributionDomainName": "d111111abcdef8.cloudfront.net"},
        "viewer": {"ip": "198.51.100.11"},
        "request": {
            "method": "GET",
            "uri": uri,
            "querystring": {"page": {"value": "2"}},
            "headers": {"host": {"value": "taskflow.app"}, "accept": {"value": "text/html"}},
            "cookies": {"session": {"value": "a"}},
        },
    }


def handled_request(engine: MiniRacer, uri: str) -> dict[str, Value]:
    return json.loads(cast("str", engine.eval(f"JSON.stringify(handler({json.dumps(viewer_request(uri))}))")))


@pytest.mark.parametrize(
    "uri",
    [
        "/",
        "/tasks",
        "/tasks/",
        "/tasks/42",
        "/v1.5/notes",
        "/teams/a%20b/boards",
        "/teams/a%2Eb",
        "/teams/größe",
        "/login",
        "/api",
        "/search/a+b=c&d",
        "//tasks//42",
        "/" + "a/" * 500,
    ],
)
def test_a_client_side_path_gets_the_application(engine: MiniRacer, uri: str) -> None:
    assert handled_request(engine, uri)["uri"] == "/index.html"


@pytest.mark.parametrize(
    "uri",
    [
        "/index.html",
        "/favicon.ico",
        "/robots.txt",
        "/assets/app.3f2c1d.js",
        "/assets/app.3f2c1d.css.map",
        "/assets/fonts/inter.woff2",
        "/.well-known/security.txt",
        "/manifest.webmanifest",
        # Any last segment with a dot counts as a file name.
        "/users/jane.doe",
        "/..",
    ],
)
def test_the_path_of_a_file_is_unchanged(engine: MiniRacer, uri: str) -> None:
    assert handled_request(engine, uri)["uri"] == uri


def test_the_rest_of_the_request_is_unchanged(engine: MiniRacer) -> None:
    request = cast("dict[str, Value]", viewer_request("/tasks/42")["request"])
    assert handled_request(engine, "/tasks/42") == {**request, "uri": "/index.html"}


def test_the_function_is_within_cloudfronts_size_limit(code: str) -> None:
    assert len(code.encode()) < MAX_BYTES
