"""Reads whether an IAM document names the account of TaskFlow's document, or another one."""

import re

from policies.figures.common import ACCOUNT
from policies.readers.iam_documents import account_of


def is_own_principal(principal: str) -> bool:
    """Whether a principal is the document's account, or in it."""
    return principal == ACCOUNT or account_of(principal) == ACCOUNT


def names_own_account(value: str) -> bool:
    """Whether a value contains the document's account, in an ARN or as a number."""
    if value.startswith("arn:"):
        return account_of(value) == ACCOUNT
    return re.search(rf"(?<!\d){ACCOUNT}(?!\d)", value) is not None
