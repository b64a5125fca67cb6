"""The SQL of the database's roles, and passwords as verifiers."""

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence
from pathlib import Path

from operations.frame.sql import literal

# The API's two logins, of which a rotation makes the other one current.
LOGINS = ("taskflow_app_a", "taskflow_app_b")
# PostgreSQL's own number.
ITERATIONS = 4096
SALT_BYTES = 16
_FOLDER = Path(__file__).parent


def roles_sql(*, login: str = "", verifier: str = "", retired: str = "", audit: str = "") -> str:
    """Return roles.sql and passwords.sql, with settings of their transaction."""
    return _with_settings(("roles.sql", "passwords.sql"), login=login, verifier=verifier, retired=retired, audit=audit)


def passwords_sql(*, login: str = "", verifier: str = "", retired: str = "") -> str:
    """Return passwords.sql with settings of its transaction: set a login's password, or remove the other one's."""
    return _with_settings(("passwords.sql",), login=login, verifier=verifier, retired=retired)


def _with_settings(files: Sequence[str], **settings: str) -> str:
    lines = [f"SET LOCAL taskflow.{name} = {literal(value)};" for name, value in settings.items() if value]
    return "\n".join([*lines, *((_FOLDER / name).read_text(encoding="utf-8") for name in files)])


def scram_verifier(password: str) -> str:
    """Return what PostgreSQL stores of a password for SCRAM-SHA-256 (RFC 5803), so that it never receives the password.

    The password consists of ASCII letters and digits, as generated ones do: others would need SASLprep.
    """
    if not (password.isascii() and password.replace("-", "").isalnum()):
        raise ValueError("a password of other characters than ASCII letters and digits")
    salt = os.urandom(SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    stored = hashlib.sha256(_hmac(salted, b"Client Key")).digest()
    server = _hmac(salted, b"Server Key")
    return f"SCRAM-SHA-256${ITERATIONS}:{_base64(salt)}${_base64(stored)}:{_base64(server)}"


def other_login(login: str) -> str:
    """Return the login that isn't this one."""
    return next(each for each in LOGINS if each != login)


def _hmac(key: bytes, text: bytes) -> bytes:
    return hmac.new(key, text, hashlib.sha256).digest()


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
