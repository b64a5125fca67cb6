"""HTTPS requests from outside, with a choice of the TLS version."""

import ssl
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import urllib3
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError
from urllib3.exceptions import SSLError as TlsError
from urllib3.exceptions import TimeoutError as HttpTimeoutError

HTTPS_PORT = 443
TIMEOUT = 10.0
# A body is read as far as a check needs it.
MAX_BODY = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP response: status, headers by lower-case name, and body; or, with status 0, why there is none."""

    status: int
    headers: Mapping[str, str]
    body: str
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Https:
    """Sends GET requests. Tests give `resolve` and `trust` for a local server."""

    resolve: Callable[[str], tuple[str, int]] = lambda host: (host, HTTPS_PORT)
    trust: Callable[[ssl.SSLContext], None] = ssl.SSLContext.load_default_certs
    timeout: float = TIMEOUT

    def get(
        self,
        host: str,
        path: str,
        *,
        tls: ssl.TLSVersion | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Return the response to a request, of one TLS version if `tls` is set; redirects aren't followed."""
        address, port = self.resolve(host)
        pool = urllib3.HTTPSConnectionPool(
            address,
            port,
            timeout=self.timeout,
            retries=False,
            ssl_context=self._context(tls),
            server_hostname=host,
            assert_hostname=host,
        )
        try:
            response = pool.request(
                "GET", path, headers={"host": host, **(headers or {})}, redirect=False, preload_content=False
            )
            body = response.read(MAX_BODY).decode("utf-8", "replace")
        except (HTTPError, OSError) as error:
            return Answer(status=0, headers={}, body="", problem=_problem(error))
        finally:
            pool.close()
        return Answer(
            status=response.status, headers={name.lower(): value for name, value in response.headers.items()}, body=body
        )

    def _context(self, tls: ssl.TLSVersion | None) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.trust(context)
        if tls is not None:
            if tls < ssl.TLSVersion.TLSv1_2:
                # OpenSSL offers old versions only without its own minimum; the server must refuse them.
                context.set_ciphers("DEFAULT@SECLEVEL=0")
            with warnings.catch_warnings():
                # Python calls the old versions deprecated; here they are offered to be refused.
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version = context.maximum_version = tls
        return context


def _problem(error: Exception) -> str:
    """Return why there is no response, in words for a table."""
    if isinstance(error, TlsError | ssl.SSLError):
        return f"TLS: {' '.join(str(error).split())}"
    if isinstance(error, NameResolutionError):
        return "the name doesn't resolve"
    if isinstance(error, NewConnectionError):
        # The text ends in the operating system's reason, after objects and addresses.
        return f"no connection: {str(error).rpartition('] ')[2]}"
    if isinstance(error, HttpTimeoutError):
        return "no answer in time"
    return " ".join(f"{type(error).__name__}: {error}".split())
