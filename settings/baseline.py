"""The account's baseline: what watches over the account and its regions, each left out where a central account does it.

Section: Compliance. What is a region's own stands in both stacks; what is the whole account's, in one of them.
"""

from typing import Annotated

from pydantic import Field

from settings.base import Block
from settings.values import Switch

_CENTRAL = "; false leaves it to a central account"


class AccountWide(Block):
    """What an account has once, for all its regions."""

    s3_public_access_block: Annotated[bool, Switch()] = Field(
        description=f"Whether no bucket of the account can be public{_CENTRAL}. Source: AWS FSBP, S3.1."
    )
    password_policy: Annotated[bool, Switch()] = Field(
        description=f"Whether IAM asks for long passwords{_CENTRAL}. Source: Production Access Policy; AWS FSBP, IAM.7."
    )


class Baseline(Block):
    """What watches over this region, and over the account in the stack that owns it."""

    guard_duty: Annotated[bool, Switch()] = Field(
        description=f"Whether GuardDuty looks for intruders{_CENTRAL}. Source: AWS FSBP, GuardDuty.1."
    )
    security_hub: Annotated[bool, Switch()] = Field(
        description=f"Whether Security Hub checks against AWS's best practices (FSBP){_CENTRAL}. Source: AWS FSBP."
    )
    config: Annotated[bool, Switch()] = Field(
        description=f"Whether AWS Config records what exists and how it changes{_CENTRAL}. Source: Audit Logging, "
        "Configuration changes; AWS FSBP, Config.1."
    )
    access_analyzer: Annotated[bool, Switch()] = Field(
        description=f"Whether Access Analyzer tells what others can reach{_CENTRAL}. Source: Access Controls; IAM."
    )
    ebs_encryption: Annotated[bool, Switch()] = Field(
        description=f"Whether new volumes are encrypted by default{_CENTRAL}. Source: Data Handling, Encryption at "
        "rest; AWS FSBP, EC2.7."
    )
    account: AccountWide | None = Field(
        default=None, description="What is the whole account's; not the recovery stack's. Source: Environment Details."
    )
