"""CloudFront's function as planned, in a JavaScript engine: the application is given for its own paths alone."""

import json
from typing import cast

import pytest
from py_mini_racer import MiniRacer

from sandbox.values import Value
from tests.components.recorded import recorded
from tests.settings.support import as_data, changed

FUNCTION = ("aws:cloudfront/function:Function", "edge-single-page")
LARGEST = 10 * 1024


@pytest.fixture(scope="module")
def code() -> str:
    inputs = recorded(changed(as_data("production"), {}), stack="production")[FUNCTION]
    assert inputs["runtime"] == "cloudfront-js-2.0"
    return str(inputs["code"])


@pytest.fixture(scope="module")
def engine(code: str) -> MiniRacer:
    racer = MiniRacer()
    racer.eval(code)
    return racer


def viewer_request(uri: str) -> dict[str, Value]:
    """An event as CloudFront hands it to a function (structure version 1.0)."""
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


def answered(engine: MiniRacer, uri: str) -> dict[str, Value]:
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
def test_a_path_of_the_application_gets_the_application(engine: MiniRacer, uri: str) -> None:
    assert answered(engine, uri)["uri"] == "/index.html"


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
        # A name with a dot in it is taken for a file's, whatever it is.
        "/users/jane.doe",
        "/..",
    ],
)
def test_a_files_path_is_left_as_it_is(engine: MiniRacer, uri: str) -> None:
    assert answered(engine, uri)["uri"] == uri


def test_nothing_else_of_the_request_is_touched(engine: MiniRacer) -> None:
    request = cast("dict[str, Value]", viewer_request("/tasks/42")["request"])
    assert answered(engine, "/tasks/42") == {**request, "uri": "/index.html"}


def test_it_is_small_enough_for_cloudfront(code: str) -> None:
    assert len(code.encode()) < LARGEST
