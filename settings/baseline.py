"""Compliance, the account's baseline: services that monitor the account and its regions.

Each may be false if a central account provides it. Regional services are in both stacks, account-wide ones in one.
"""

from pydantic import Field

from settings.base import Block

_CENTRAL = "; false if a central account does"


class AccountWide(Block):
    """Settings that an account has once, for all its regions."""

    s3_public_access_block: bool = Field(
        description=f"Whether to block public access to all of the account's buckets{_CENTRAL}. Source: AWS FSBP, S3.1."
    )
    password_policy: bool = Field(
        description=f"Whether to require long passwords in IAM{_CENTRAL}. Source: Production Access Policy; AWS FSBP, "
        "IAM.7."
    )


class Baseline(Block):
    """Services that monitor this region, and the account in the stack that owns it."""

    guard_duty: bool = Field(
        description=f"Whether to enable GuardDuty, which detects intruders{_CENTRAL}. Source: AWS FSBP, GuardDuty.1."
    )
    security_hub: bool = Field(
        description=f"Whether to enable Security Hub with AWS's best practices (FSBP){_CENTRAL}. Source: AWS FSBP."
    )
    config: bool = Field(
        description=f"Whether AWS Config records resources and their changes{_CENTRAL}. Source: Audit Logging, "
        "Configuration changes; AWS FSBP, Config.1."
    )
    access_analyzer: bool = Field(
        description=f"Whether Access Analyzer reports access from outside the account{_CENTRAL}. Source: Access "
        "Controls; IAM."
    )
    ebs_encryption: bool = Field(
        description=f"Whether to encrypt new volumes by default{_CENTRAL}. Source: Data Handling, Encryption at rest; "
        "AWS FSBP, EC2.7."
    )
    account: AccountWide | None = Field(
        default=None,
        description="Account-wide settings; not in the recovery stack. Source: Environment Details.",
    )
