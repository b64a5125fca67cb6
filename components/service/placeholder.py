"""What runs until the first release: it answers the health path, and nothing else.

Its text is handed to the container as `python -c`, with the port and the path behind it: nothing is written to disk, so
it runs within the API's own bounds.
"""

import http
import http.server
import sys


class StandIn(http.server.BaseHTTPRequestHandler):
    """Answers 200 for the health path, 503 for all others."""

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
