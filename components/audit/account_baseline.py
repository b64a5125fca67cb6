"""AccountBaseline: what watches over the account and over this region of it.

Section: Compliance. Each part by its own setting: false leaves it to a central account. What a region has stands in
each stack; what the account has once, only where its settings are given.
"""

import pulumi
import pulumi_aws as aws

from components.audit.config_recorder import ConfigRecorder
from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from settings.baseline import AccountWide, Baseline

# What this stack has and GuardDuty can watch without an agent: objects, and logins to PostgreSQL. Its other features
# keep AWS's default: what watches EKS, Lambda or volumes has nothing to see here, and costs nothing then.
FEATURES = ("S3_DATA_EVENTS", "RDS_LOGIN_EVENTS")
FSBP = "aws-foundational-security-best-practices/v/1.0.0"

# FSBP's IAM.7 is met by eight characters; 14 and 24 are CIS's figures, the days this project's choice.
PASSWORD_LENGTH, PASSWORDS_REMEMBERED, PASSWORD_DAYS = 14, 24, 90


class AccountBaseline(pulumi.ComponentResource):
    """GuardDuty, Security Hub, Config, Access Analyzer, and the defaults of EBS, S3 and IAM."""

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: Baseline,
        retention: int,
        keys: KeysOutputs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Make what the settings say; `retention` is the days that Config's records are kept."""
        super().__init__("taskflow:audit:AccountBaseline", name, None, opts)
        self._name_prefix = name
        self._environment = environment
        self._own = pulumi.ResourceOptions(parent=self)
        # Left to a central account, it is to stay on: only this stack lets go of it.
        self._kept = pulumi.ResourceOptions(parent=self, retain_on_delete=True)
        # Security Hub's checks are Config's rules.
        records = (
            ConfigRecorder(
                f"{name}-config",
                environment=environment,
                everywhere=settings.account is not None,
                retention=retention,
                keys=keys,
                opts=self._own,
            )
            if settings.config
            else None
        )
        if settings.guard_duty:
            self._guard_duty()
        if settings.security_hub:
            self._security_hub(after=records)
        if settings.access_analyzer:
            aws.accessanalyzer.Analyzer(name, analyzer_name=environment.name, type="ACCOUNT", opts=self._own)
        if settings.ebs_encryption:
            aws.ebs.EncryptionByDefault(name, enabled=True, opts=self._kept)
        if settings.account:
            self._account(settings.account)
        self.register_outputs({})

    def _guard_duty(self) -> None:
        detector = aws.guardduty.Detector(
            self._name_prefix, enable=True, finding_publishing_frequency="FIFTEEN_MINUTES", opts=self._kept
        )
        for feature in FEATURES:
            aws.guardduty.DetectorFeature(
                f"{self._name_prefix}-{feature.lower().replace('_', '-')}",
                detector_id=detector.id,
                name=feature,
                status="ENABLED",
                opts=self._kept,
            )

    def _security_hub(self, after: pulumi.Resource | None) -> None:
        hub = aws.securityhub.Account(
            self._name_prefix,
            # The one standard below, and no other that AWS would choose.
            enable_default_standards=False,
            auto_enable_controls=True,
            control_finding_generator="SECURITY_CONTROL",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[after] if after else None, retain_on_delete=True),
        )
        aws.securityhub.StandardsSubscription(
            self._name_prefix,
            standards_arn=f"arn:aws:securityhub:{self._environment.region}::standards/{FSBP}",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[hub], retain_on_delete=True),
        )

    def _account(self, account: AccountWide) -> None:
        if account.s3_public_access_block:
            aws.s3.AccountPublicAccessBlock(
                self._name_prefix,
                block_public_acls=True,
                block_public_policy=True,
                ignore_public_acls=True,
                restrict_public_buckets=True,
                opts=self._kept,
            )
        if account.password_policy:
            aws.iam.AccountPasswordPolicy(
                self._name_prefix,
                minimum_password_length=PASSWORD_LENGTH,
                require_lowercase_characters=True,
                require_uppercase_characters=True,
                require_numbers=True,
                require_symbols=True,
                password_reuse_prevention=PASSWORDS_REMEMBERED,
                max_password_age=PASSWORD_DAYS,
                allow_users_to_change_password=True,
                # Who comes too late changes it at the next login, rather than being shut out.
                hard_expiry=False,
                opts=self._kept,
            )
