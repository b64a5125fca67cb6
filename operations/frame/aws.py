"""AWS's clients of one region, and the one line that an error of AWS becomes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore import exceptions
from botocore.config import Config

from operations.frame.errors import ExitCode, OperationError

if TYPE_CHECKING:
    from types_boto3_athena import AthenaClient
    from types_boto3_backup import BackupClient
    from types_boto3_cloudfront import CloudFrontClient
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_ecr import ECRClient
    from types_boto3_ecs import ECSClient
    from types_boto3_elasticache import ElastiCacheClient
    from types_boto3_logs import CloudWatchLogsClient
    from types_boto3_rds import RDSClient
    from types_boto3_s3 import S3Client
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_ssm import SSMClient
    from types_boto3_sts import STSClient

# Seconds. A command that polls sees a lost answer after half a minute and asks again.
CONNECT_TIMEOUT, READ_TIMEOUT, ATTEMPTS = 5, 20, 4
SHORT_CONNECT_TIMEOUT, SHORT_READ_TIMEOUT = 3, 8

_UNREACHABLE = (
    exceptions.EndpointConnectionError,
    exceptions.ConnectTimeoutError,
    exceptions.ReadTimeoutError,
    exceptions.ConnectionClosedError,
    exceptions.ProxyConnectionError,
    exceptions.SSLError,
    exceptions.HTTPClientError,
)
_NO_CREDENTIALS = (
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.ProfileNotFound,
    exceptions.TokenRetrievalError,
    exceptions.SSOTokenLoadError,
    exceptions.UnauthorizedSSOTokenError,
    exceptions.CredentialRetrievalError,
)
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "OptInRequired"}
_EXPIRED = {
    "ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "RequestExpired", "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}  # fmt: skip
_THROTTLED = {"Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown"}
SERVER_ERROR = 500


@dataclass(frozen=True, kw_only=True)
class Aws:
    """Clients of one region. CloudFront's and IAM's endpoints are global."""

    session: boto3.Session
    region: str
    config: Config = field(
        default_factory=lambda: Config(
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=READ_TIMEOUT,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        )
    )
    # boto3's arguments for credentials; empty: those of the session.
    credentials: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    def client(self, service: str, **options: str) -> Any:
        """Return a client of a service."""
        # boto3's stubs have an overload for each service, none for a name that is a variable.
        client = cast("Any", self.session).client
        return client(service, region_name=self.region, config=self.config, **self.credentials, **options)

    def with_credentials(self, region: str, **credentials: str) -> "Aws":
        """Return clients of a region with other credentials, by boto3's names for them."""
        return replace(self, region=region, credentials=credentials)

    def once(self, service: str) -> Any:
        """Return a client that sends each request once, for those that must not be repeated."""
        config = self.config.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
        return cast("Any", self.session).client(service, region_name=self.region, config=config)

    @cached_property
    def impatient(self) -> "Aws":
        """The same clients, which give up within seconds and ask once: for a region that may be lost."""
        short = Config(
            connect_timeout=SHORT_CONNECT_TIMEOUT,
            read_timeout=SHORT_READ_TIMEOUT,
            retries={"mode": "standard", "total_max_attempts": 1},
        )
        return replace(self, config=self.config.merge(short))

    # boto3's stubs of the next three aren't among the project's dependencies.

    @cached_property
    def acm(self) -> Any:
        """Certificates."""
        return self.client("acm")

    @cached_property
    def autoscaling(self) -> Any:
        """Scaling of the service."""
        return self.client("application-autoscaling")

    @cached_property
    def load_balancing(self) -> Any:
        """Load balancers."""
        return self.client("elbv2")

    @cached_property
    def athena(self) -> "AthenaClient":
        """Queries over files."""
        return self.client("athena")

    @cached_property
    def backup(self) -> "BackupClient":
        """AWS Backup."""
        return self.client("backup")

    @cached_property
    def cloudfront(self) -> "CloudFrontClient":
        """CloudFront."""
        return self.client("cloudfront")

    @cached_property
    def cloudwatch(self) -> "CloudWatchClient":
        """Metrics and alarms."""
        return self.client("cloudwatch")

    @cached_property
    def ecr(self) -> "ECRClient":
        """The image registry."""
        return self.client("ecr")

    @cached_property
    def ecs(self) -> "ECSClient":
        """Services and tasks."""
        return self.client("ecs")

    @cached_property
    def elasticache(self) -> "ElastiCacheClient":
        """The cache."""
        return self.client("elasticache")

    @cached_property
    def logs(self) -> "CloudWatchLogsClient":
        """Log groups."""
        return self.client("logs")

    @cached_property
    def rds(self) -> "RDSClient":
        """The database."""
        return self.client("rds")

    @cached_property
    def s3(self) -> "S3Client":
        """Buckets."""
        return self.client("s3")

    @cached_property
    def s3control(self) -> Any:
        """Jobs of S3 Batch Operations. The environment has no stubs for it."""
        return self.client("s3control")

    @cached_property
    def secretsmanager(self) -> "SecretsManagerClient":
        """Secrets."""
        return self.client("secretsmanager")

    @cached_property
    def sqs(self) -> Any:
        """Queues."""
        return self.client("sqs")

    @cached_property
    def ssm(self) -> "SSMClient":
        """Parameters."""
        return self.client("ssm")

    @cached_property
    def sts(self) -> "STSClient":
        """The caller's identity, of the region's own endpoint.

        Named here, because AWS_STS_REGIONAL_ENDPOINTS=legacy in a person's environment chooses the global one, which is
        in us-east-1.
        """
        return self.client("sts", endpoint_url=f"https://sts.{self.region}.amazonaws.com")


def clients_of(profile: str | None, region: str) -> Aws:
    """Return the clients of a profile, or of the environment's credentials; OperationError without such a profile."""
    try:
        session = boto3.Session(profile_name=profile)
    except exceptions.BotoCoreError as error:
        raise explained(error, region) from None
    return Aws(session=session, region=region)


def error_code(error: BaseException) -> str:
    """Return the code of an error that AWS answered, such as `ConflictException`; empty for others."""
    return str(_details(error).get("Code", "")) if isinstance(error, exceptions.ClientError) else ""


def is_transient(error: BaseException) -> bool:
    """Whether the same request may succeed later: AWS wasn't reached, throttled the request, or failed itself."""
    if isinstance(error, exceptions.ClientError):
        response = cast("Mapping[str, Any]", error.response)
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return error_code(error) in _THROTTLED or status >= SERVER_ERROR
    return isinstance(error, _UNREACHABLE)


def explained(error: exceptions.BotoCoreError | exceptions.ClientError, region: str) -> OperationError:
    """Return the error that a person can act on, in one line."""
    if isinstance(error, _NO_CREDENTIALS) or error_code(error) in _EXPIRED:
        return OperationError(
            f"No valid AWS credentials: {_line(error)}",
            code=ExitCode.DENIED,
            advice="Log in, assume the role again (a session lasts an hour), or name another profile with --profile. "
            "Then run the same command again: it continues where it stopped.",
        )
    if error_code(error) in _DENIED:
        return OperationError(
            f"AWS denied {_operation(error)}: {_line(error)}",
            code=ExitCode.DENIED,
            advice="docs/architecture/access.md lists what each role may do.",
        )
    if is_transient(error):
        return OperationError(
            f"AWS is unreachable in {region}: {_line(error)}",
            code=ExitCode.UNREACHABLE,
            advice="Run the same command again: it continues where it stopped.",
        )
    if isinstance(error, exceptions.ClientError):
        return OperationError(f"AWS rejected {_operation(error)}: {_line(error)}")
    return OperationError(_line(error))


def _details(error: exceptions.ClientError) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", error.response).get("Error", {})


def _operation(error: BaseException) -> str:
    return str(getattr(error, "operation_name", "") or "the request")


def _line(error: BaseException) -> str:
    text = str(_details(error).get("Message", "")) if isinstance(error, exceptions.ClientError) else str(error)
    code = error_code(error)
    return " ".join(f"{text or 'no message'}{f' ({code})' if code else ''}".split())
