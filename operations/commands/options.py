"""Options that several commands have."""

from typing import Annotated

import typer

ApprovedBy = Annotated[
    str | None, typer.Option(metavar="NAME", help="Tech lead who approved it. Asked for by default.")
]
MfaDevice = Annotated[
    str | None,
    typer.Option(metavar="ARN", help="MFA device of an IAM user; its code is asked for. Identity Center needs none."),
]
