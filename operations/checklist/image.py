"""Whether the security scan of a version's image is clean: no critical and no high finding."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from operations.checklist.judgement import Finding, failed, passed
from operations.checklist.subject import Subject
from operations.frame.context import Context
from operations.release.registry import image_details

# An image of several platforms, or one with attestations (docker buildx makes one by default). Basic scanning, which
# the registry has (components/storage/image_registry.py), scans its images, never the index itself: ECR answers "An
# artifact with media type 'application/vnd.oci.image.index.v1+json' cannot be scanned" (moby/buildkit#3499).
INDEXES = frozenset(
    {"application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"}
)
ATTESTATION = "attestation-manifest"
# COMPLETE: a basic scan; ACTIVE: an enhanced one, should the registry ever have it (ECR, ImageScanStatus).
FINISHED = frozenset({"COMPLETE", "ACTIVE"})
SEVERE = ("CRITICAL", "HIGH")
SCAN_AGAIN = "Wait for the scan, or start one: aws ecr start-image-scan --repository-name {} --image-id imageDigest={}"


@dataclass(frozen=True, kw_only=True)
class Scan:
    """The scan of one image. `status` is empty if there is none, `counts` None without a result."""

    digest: str
    status: str
    counts: Mapping[str, int] | None = None
    at: datetime | None = None


def security_scan(subject: Subject) -> Finding:
    """Check the scan of the version's image, or of each of its platforms."""
    context = subject.context
    scans = [_scan(context, digest) for digest in _scanned(context, subject.digest)]
    return judge(scans, context.settings.storage.registry.repository)


def judge(scans: Sequence[Scan], repository: str) -> Finding:
    """Judge the scans of an image. One that is missing, unfinished or without a result is not clean."""
    if not scans:
        return failed("the image has no platform", "Compare the build's output.")
    for scan in scans:
        if scan.status not in FINISHED or scan.counts is None:
            words = scan.status.lower().replace("_", " ")
            detail = f"the scan is {words}" if words not in {"", "complete", "active"} else "there is no scan result"
            return failed(detail, SCAN_AGAIN.format(repository, scan.digest))
    severe = {level: sum((scan.counts or {}).get(level, 0) for scan in scans) for level in SEVERE}
    if any(severe.values()):
        counted = ", ".join(f"{count} {level.lower()}" for level, count in severe.items() if count)
        return failed(
            f"{counted} findings",
            "Release an image without them. They are listed by: aws ecr describe-image-scan-findings "
            f"--repository-name {repository} --image-id imageDigest={scans[0].digest}",
        )
    times = [scan.at for scan in scans if scan.at]
    when = f", scanned {min(times):%Y-%m-%d %H:%M}" if times else ""
    return passed(f"no critical or high finding{when}")


def _scanned(context: Context, digest: str) -> Sequence[str]:
    """Return the digests that are scanned: the image's, or those of an index's images without attestations."""
    image = image_details(context, {"imageDigest": digest})
    if image is None or image.get("imageManifestMediaType") not in INDEXES:
        return [digest]
    answer = context.aws.ecr.batch_get_image(
        repositoryName=context.settings.storage.registry.repository,
        imageIds=[{"imageDigest": digest}],
        acceptedMediaTypes=sorted(INDEXES),
    )
    manifests = [json.loads(each.get("imageManifest", "{}")) for each in answer["images"]]
    return [each["digest"] for manifest in manifests for each in manifest.get("manifests", []) if _is_image(each)]


def _is_image(manifest: Mapping[str, Any]) -> bool:
    is_attestation = manifest.get("annotations", {}).get("vnd.docker.reference.type") == ATTESTATION
    return not is_attestation and manifest.get("platform", {}).get("os") != "unknown"


def _scan(context: Context, digest: str) -> Scan:
    ecr = context.aws.ecr
    repository = context.settings.storage.registry.repository
    try:
        answer = ecr.describe_image_scan_findings(repositoryName=repository, imageId={"imageDigest": digest})
    except ecr.exceptions.ScanNotFoundException:
        return Scan(digest=digest, status="")
    # The stubs call every member required; ECR leaves them out while a scan runs.
    result: Mapping[str, Any] = {**answer}
    findings: Mapping[str, Any] | None = result.get("imageScanFindings")
    return Scan(
        digest=digest,
        status=result.get("imageScanStatus", {}).get("status", ""),
        counts=None if findings is None else findings.get("findingSeverityCounts", {}),
        at=findings.get("imageScanCompletedAt") if findings else None,
    )
