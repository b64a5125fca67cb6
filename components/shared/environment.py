"""The environment of a stack, and the names derived from it."""

from dataclasses import dataclass

# The containers of one-off tasks, after which their families are named.
ACCESS, DATABASE, RESTORE_VALIDATION = "access", "database", "restore-validation"
DATA_EXPORT = "data-export"
# The tag of what a command restored. An instance that Pulumi adopts loses it.
RESTORED_FROM = "RestoredFrom"


@dataclass(frozen=True, kw_only=True)
class AuditArchiveNames:
    """The names under which the audit archive is written and searched: bucket, prefixes, and Athena's names.

    `failed` is below `prefix`: batches that the delivery stream couldn't decompress, which no search reads.
    """

    bucket: str
    workgroup: str
    database: str
    table: str = "records"
    prefix: str = "records/"
    failed: str = "records/failed/"


@dataclass(frozen=True, kw_only=True)
class RestoreNames:
    """The bucket of what commands keep for some days: S3's manifests and reports of restored files, and exports."""

    bucket: str
    manifests: str = "manifests/"
    reports: str = "reports/"
    exports: str = "exports/"


@dataclass(frozen=True, kw_only=True)
class Environment:
    """One stack of one application; every component receives it.

    `application` and `stack` are Pulumi's project and stack (`taskflow`, `production`); `account` is the twelve-digit
    account id; `domain` is the application's domain (`taskflow.app`); `hosted_zone` is the id of its hosted zone.
    A further service of the stack has a `part`, which all its names contain: `replace(environment, part="billing")`.
    """

    application: str
    stack: str
    region: str
    account: str
    domain: str
    hosted_zone: str
    part: str = ""

    @property
    def name(self) -> str:
        """Return the prefix of physical names, such as `taskflow-production` (Environment Details)."""
        return "-".join(filter(None, (self.application, self.stack, self.part)))

    def host_name(self, label: str) -> str:
        """Return the name of a host in the domain, such as `api.taskflow.app`."""
        return f"{'-'.join(filter(None, (label, self.part)))}.{self.domain}"

    def log_group_name(self, purpose: str) -> str:
        """Return the name of a log group. All share one prefix, so that a key policy can match them."""
        return "/".join(("", self.application, self.stack, *filter(None, (self.part,)), purpose))

    @property
    def audit_log_group_name(self) -> str:
        """Return the name of the application's audit log group, the same in each stack (Audit Logging)."""
        return f"/{self.application}/audit"

    @property
    def audit_archive(self) -> AuditArchiveNames:
        """Return the names of the audit archive. Glue's names have no hyphens."""
        return AuditArchiveNames(
            bucket=self.bucket_name("audit-archive"),
            workgroup=f"{self.name}-audit",
            database=f"{self.name}-audit".replace("-", "_"),
        )

    @property
    def file_restores(self) -> RestoreNames:
        """Return the names of restores of files, and of exports of a person's data."""
        return RestoreNames(bucket=self.bucket_name("restores"))

    @property
    def audit_workgroup_arn(self) -> str:
        """Return the ARN of Athena's workgroup for the audit archive: the key's policy names it beforehand."""
        return self.arn("athena", f"workgroup/{self.audit_archive.workgroup}")

    @property
    def trail_arn(self) -> str:
        """Return the ARN of the account's trail if this stack owns it: key and bucket policies name it beforehand."""
        return self.arn("cloudtrail", f"trail/{self.name}")

    def bucket_name(self, purpose: str) -> str:
        """Return the name of a bucket. Bucket names are unique across all accounts, so it ends in the account id."""
        return f"{self.name}-{purpose}-{self.account}"

    @property
    def access_family(self) -> str:
        """Return the family of the access task, which commands start and the role of database access may start."""
        return f"{self.name}-{ACCESS}"

    @property
    def database_family(self) -> str:
        """Return the family of the database task, which commands start."""
        return f"{self.name}-{DATABASE}"

    @property
    def restore_validation_family(self) -> str:
        """Return the family of the task that validates restore tests, which EventBridge starts."""
        return f"{self.name}-{RESTORE_VALIDATION}"

    @property
    def data_export_family(self) -> str:
        """Return the family of the task that gathers a person's data, which a command starts."""
        return f"{self.name}-{DATA_EXPORT}"

    @property
    def restore_testing_plan(self) -> str:
        """Return the name of the restore testing plan; AWS Backup accepts letters, digits and underscores only."""
        return f"{self.name}-restore-test".replace("-", "_")

    @property
    def image_registry(self) -> str:
        """Return the host name of the account's image registry in this region."""
        return f"{self.account}.dkr.ecr.{self.region}.amazonaws.com"

    def workflow_role(self, job: str) -> str:
        """Return the name of the role of a workflow's job. The account has them once."""
        return f"{self.application}-ci-{job}"

    def role_arn(self, name: str) -> str:
        """Return the ARN of a role of this account by its name; roles have no region."""
        return f"arn:aws:iam::{self.account}:role/{name}"

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource of this account and region whose name is known before it is created."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"
