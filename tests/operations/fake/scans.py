"""ECR's basic scanning: the scans of images by digest, and the images of an index."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.operations.fake.wire import ServiceError

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
SCANNED_AT = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)


@dataclass(kw_only=True)
class Scans:
    """The scans of a registry. A pushed image is scanned at once, and clean, unless a test changes its scan."""

    # Status and counts by digest; no entry: a clean scan; None: no scan.
    results: dict[str, tuple[str, Mapping[str, int] | None] | None] = field(
        default_factory=dict[str, tuple[str, Mapping[str, int] | None] | None]
    )
    # The digests of an index's images by its digest, with their operating systems.
    indexes: dict[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])

    def describe_image_scan_findings(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        digest = request["imageId"]["imageDigest"]
        result = self.results.get(digest, ("COMPLETE", {"MEDIUM": 3}))
        if result is None or digest in self.indexes:
            # ECR scans the images of an index, not the index.
            raise ServiceError("ScanNotFoundException", "Image scan does not exist for the image")
        status, counts = result
        findings = {"findingSeverityCounts": counts, "imageScanCompletedAt": SCANNED_AT}
        return {"imageScanStatus": {"status": status}, **({} if counts is None else {"imageScanFindings": findings})}

    def batch_get_image(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        (image,) = request["imageIds"]
        assert OCI_INDEX in request["acceptedMediaTypes"]
        manifests = [
            {
                "digest": digest,
                "platform": {"os": system, "architecture": "unknown" if system == "unknown" else "amd64"},
            }
            for digest, system in self.indexes[image["imageDigest"]].items()
        ]
        return {"images": [{"imageId": image, "imageManifest": json.dumps({"manifests": manifests})}], "failures": []}
