"""What the lifecycle of a bucket, as S3 has it, does to the objects below a prefix."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from operations.frame.aws import error_code

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """The fewest days of the rules that apply to every object below the prefix; None without such a rule."""

    noncurrent_days: int | None
    expiration_days: int | None
    upload_days: int | None
    removes_markers: bool

    def words(self) -> str:
        """Return the rules as a person reads them."""
        rules = (
            (self.expiration_days, "objects expire after"),
            (self.noncurrent_days, "old versions after"),
            (self.upload_days, "incomplete uploads after"),
        )
        parts = [f"{text} {days:,} day{'' if days == 1 else 's'}" for days, text in rules if days is not None]
        return ", ".join(parts) or "no rule of the lifecycle deletes anything here"


def lifecycle_of(s3: "S3Client", bucket: str, prefix: str) -> Lifecycle:
    """Read the lifecycle of a bucket."""
    try:
        answer = s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    except ClientError as error:
        if error_code(error) != "NoSuchLifecycleConfiguration":
            raise
        rules: list[Mapping[str, Any]] = []
    else:
        rules = [rule for rule in cast("Any", answer)["Rules"] if _applies(rule, prefix)]
    expirations = [rule.get("Expiration", {}) for rule in rules]
    return Lifecycle(
        noncurrent_days=_fewest(
            old.get("NoncurrentDays")
            for old in (rule.get("NoncurrentVersionExpiration", {}) for rule in rules)
            # A rule that keeps so many newer versions never deletes the newest ones.
            if not old.get("NewerNoncurrentVersions")
        ),
        expiration_days=_fewest(each.get("Days") for each in expirations),
        upload_days=_fewest(
            rule.get("AbortIncompleteMultipartUpload", {}).get("DaysAfterInitiation") for rule in rules
        ),
        # S3 removes the marker of an object that expires by age too.
        removes_markers=any(each.get("ExpiredObjectDeleteMarker") or each.get("Days") for each in expirations),
    )


def _applies(rule: Mapping[str, Any], prefix: str) -> bool:
    """Return whether a rule is enabled and applies to every object below a prefix, whatever its tags and size."""
    chosen: Mapping[str, Any] = rule.get("Filter") or {}
    if rule["Status"] != "Enabled" or chosen.keys() - {"Prefix"}:
        return False
    return prefix.startswith(chosen.get("Prefix") or rule.get("Prefix") or "")


def _fewest(days: Iterable[int | None]) -> int | None:
    return min((each for each in days if each is not None), default=None)
