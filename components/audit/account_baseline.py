"""AccountBaseline: the security services and defaults of the account and of this region.

Section: Compliance. Each part has a setting; false leaves it to a central account. Every stack has the regional parts;
only a stack with `account` settings has the account-wide ones.
"""

import pulumi
import pulumi_aws as aws

from components.audit.config_recorder import ConfigRecorder
from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from settings.baseline import AccountWide, Baseline

# The features for resources that exist here and need no agent. The others keep AWS's default: without EKS, Lambda and
# EC2 volumes they have nothing to monitor and cost nothing.
FEATURES = ("S3_DATA_EVENTS", "RDS_LOGIN_EVENTS")
FSBP = "aws-foundational-security-best-practices/v/1.0.0"

# FSBP's IAM.7 requires 8 characters; 14 and 24 are CIS's figures, 90 days is this project's choice.
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
        """Create what the settings enable; `retention` is for Config's records, in days."""
        super().__init__("taskflow:audit:AccountBaseline", name, None, opts)
        self._name_prefix = name
        self._environment = environment
        self._child_opts = pulumi.ResourceOptions(parent=self)
        # When a part is left to a central account, it must stay on: it leaves the stack but isn't deleted.
        self._retained = pulumi.ResourceOptions(parent=self, retain_on_delete=True)
        recorder = (
            ConfigRecorder(
                f"{name}-config",
                environment=environment,
                has_global_resources=settings.account is not None,
                retention=retention,
                keys=keys,
                opts=self._child_opts,
            )
            if settings.config
            else None
        )
        if settings.guard_duty:
            self._guard_duty()
        if settings.security_hub:
            self._security_hub(recorder)
        if settings.access_analyzer:
            aws.accessanalyzer.Analyzer(name, analyzer_name=environment.name, type="ACCOUNT", opts=self._child_opts)
        if settings.ebs_encryption:
            aws.ebs.EncryptionByDefault(name, enabled=True, opts=self._retained)
        if settings.account:
            self._account_defaults(settings.account)
        self.register_outputs({})

    def _guard_duty(self) -> None:
        detector = aws.guardduty.Detector(
            self._name_prefix, enable=True, finding_publishing_frequency="FIFTEEN_MINUTES", opts=self._retained
        )
        for feature in FEATURES:
            aws.guardduty.DetectorFeature(
                f"{self._name_prefix}-{feature.lower().replace('_', '-')}",
                detector_id=detector.id,
                name=feature,
                status="ENABLED",
                opts=self._retained,
            )

    def _security_hub(self, recorder: ConfigRecorder | None) -> None:
        """Enable Security Hub after Config's recorder, because its checks are Config rules."""
        hub = aws.securityhub.Account(
            self._name_prefix,
            # Only the standard below, not AWS's defaults.
            enable_default_standards=False,
            auto_enable_controls=True,
            control_finding_generator="SECURITY_CONTROL",
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[recorder] if recorder else None, retain_on_delete=True
            ),
        )
        aws.securityhub.StandardsSubscription(
            self._name_prefix,
            standards_arn=f"arn:aws:securityhub:{self._environment.region}::standards/{FSBP}",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[hub], retain_on_delete=True),
        )

    def _account_defaults(self, account: AccountWide) -> None:
        if account.s3_public_access_block:
            aws.s3.AccountPublicAccessBlock(
                self._name_prefix,
                block_public_acls=True,
                block_public_policy=True,
                ignore_public_acls=True,
                restrict_public_buckets=True,
                opts=self._retained,
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
                # An expired password can still be changed at the next login.
                hard_expiry=False,
                opts=self._retained,
            )
