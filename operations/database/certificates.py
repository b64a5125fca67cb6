"""RDS's certificate authorities, by which psql verifies the database.

The bundle of a region comes from AWS over HTTPS, verified by the machine's own authorities, and is kept for a month. It
is not pinned: AWS adds authorities, and a pin would lock people out on the day of a rotation. The server's certificate
must be for its host name besides.
"""

import contextlib
import os
import ssl
from datetime import timedelta
from pathlib import Path

from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError

# RDS User Guide, Using SSL/TLS: certificate bundles for specific AWS Regions.
HOST = "truststore.pki.rds.amazonaws.com"
FRESH = timedelta(days=30)
OK = 200
ADVICE = "Download it elsewhere, and name the file with --ca-bundle."


def certificate_bundle(context: Context, cache: Path, chosen: Path | None) -> Path:
    """Return the file of the region's authorities: the chosen one, the kept one, or a new one.

    A kept one that is old is used with a warning if AWS can't be reached.
    """
    if chosen is not None:
        _require_certificates(_read(chosen), str(chosen))
        return chosen.resolve()
    region = context.environment.region
    kept = cache / f"rds-{region}.pem"
    now = context.clock.now()
    age = now.timestamp() - kept.stat().st_mtime if kept.exists() else None
    if age is not None and age < FRESH.total_seconds() and _is_valid(_read(kept)):
        return kept
    problem = _download(context, f"/{region}/{region}-bundle.pem", kept)
    if not problem:
        return kept
    if age is None or not _is_valid(_read(kept)):
        raise OperationError(
            f"RDS's certificates can't be downloaded from {HOST}: {problem}. Nothing was started",
            code=ExitCode.UNREACHABLE,
            advice=ADVICE,
        )
    context.report.warning(
        f"RDS's certificates can't be renewed ({problem}). Those of {timedelta(seconds=age).days} days ago are used."
    )
    return kept


def _download(context: Context, path: str, file: Path) -> str:
    """Download the bundle to a file, whole or not at all; return why it failed."""
    answer = context.https.get(HOST, path)
    if answer.status != OK:
        return answer.problem or f"HTTP status {answer.status}"
    if not _is_valid(answer.body):
        return "the answer has no certificates"
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(f".{os.getpid()}")
    new.write_text(answer.body)
    now = context.clock.now().timestamp()
    os.utime(new, (now, now))
    new.replace(file)
    return ""


def _read(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError as error:
        raise OperationError(f"{file} can't be read: {error.strerror}", code=ExitCode.USAGE) from error


def _require_certificates(text: str, name: str) -> None:
    if not _is_valid(text):
        raise OperationError(f"{name} has no certificates in PEM form", code=ExitCode.USAGE)


def _is_valid(text: str) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with contextlib.suppress(ssl.SSLError, ValueError):
        context.load_verify_locations(cadata=text)
    return bool(context.cert_store_stats()["x509"])
