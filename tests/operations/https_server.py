"""A local HTTPS server that answers like CloudFront and the load balancer, with one fault if a test wants it."""

import http.server
import ssl
import threading
import warnings
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

import trustme

from operations.frame.http import Https

PAGE = '<html><script type="module" src="/assets/app-3f2a1b4c.js"></script></html>'
HEADERS = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Content-Security-Policy": "default-src 'self'",
}
# Status, headers and body.
Answered: TypeAlias = tuple[int, Mapping[str, str], str]


@dataclass(kw_only=True)
class Site:
    """One host: its TLS versions, and what it answers by path (without the query)."""

    host: str
    versions: tuple[ssl.TLSVersion, ssl.TLSVersion] = (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3)
    answers: Mapping[str, Answered] = field(default_factory=dict[str, Answered])
    # Requests with a query are attacks here; WAF blocks them.
    blocks: bool = True
    hits: dict[str, int] = field(default_factory=dict[str, int])

    def answer(self, target: str) -> Answered:
        path, _, query = target.partition("?")
        if query and self.blocks:
            return 403, HEADERS, "blocked"
        status, headers, body = self.answers.get(path, (404, {}, ""))
        self.hits[path] = self.hits.get(path, 0) + 1
        if headers.get("X-Cache") == "Miss, then hit":
            headers = {**headers, "X-Cache": "Hit from cloudfront" if self.hits[path] > 1 else "Miss from cloudfront"}
        return status, headers, body


@contextmanager
def serving(*sites: Site) -> Generator[Https]:
    """Serve sites, each on a port of its own; yield what sends requests to them by their hosts."""
    authority = trustme.CA()
    ports: dict[str, int] = {}
    servers: list[http.server.ThreadingHTTPServer] = []
    for site in sites:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(site.host).configure_cert(context)
        if site.versions[0] < ssl.TLSVersion.TLSv1_2:
            context.set_ciphers("DEFAULT@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version, context.maximum_version = site.versions
        server = _Server(("127.0.0.1", 0), _handler(site))
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        ports[site.host] = server.server_address[1]
        servers.append(server)
    try:
        # A host without a server refuses connections: port 1 is closed.
        yield Https(
            resolve=lambda host: ("127.0.0.1", ports.get(host, 1)),
            trust=cast("Callable[[ssl.SSLContext], None]", authority.configure_trust),
            timeout=5,
        )
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: refused versions of TLS are what the tests want."""


def _handler(site: Site) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.headers["host"] == site.host
            status, headers, body = site.answer(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name is http.server's)
            """Say nothing."""

    return Handler
