"""The placeholder before the first release: answers the health path, and 503 otherwise.

The container runs this text with `python -c`, followed by port and health path. It writes nothing to disk, so it runs
under the API's restrictions.
"""

import http
import http.server
import sys


class StandIn(http.server.BaseHTTPRequestHandler):
    """Answer 200 on the health path, 503 on all others."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer a request."""
        is_health = self.path.partition("?")[0] == sys.argv[2]
        status, body = (http.HTTPStatus.OK, b"ok\n") if is_health else (503, b"no release yet\n")
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("", int(sys.argv[1])), StandIn).serve_forever()
