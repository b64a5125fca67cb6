"""The web application's files: to the assets bucket with their cache headers, then `/index.html` is invalidated.

Files below `assets/` have a hash of their contents in their names: browsers keep them, and an old page still finds
its own. Browsers revalidate all other files on each visit. `index.html` comes last, because it names the new files.
"""

import mimetypes
import uuid
from dataclasses import dataclass
from pathlib import Path

from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError

INDEX = "index.html"
# The folder of files with hashed names, as Vite and other builders write it.
HASHED = "assets/"
TEXT = ("text/", "application/javascript", "application/json", "image/svg+xml")


@dataclass(frozen=True, kw_only=True)
class WebAssets:
    """The files of one build, and where they belong."""

    context: Context
    folder: Path
    files: tuple[str, ...]

    @classmethod
    def of(cls, context: Context, folder: Path) -> "WebAssets":
        """Return the files of a folder; OperationError if it isn't a build or the stack has no bucket for it."""
        if context.settings.cloudfront is None:
            raise OperationError(
                f"{context.environment.name} has no web assets: S3 replicates those of the primary stack",
                code=ExitCode.USAGE,
                advice="Leave --assets out.",
            )
        files = sorted(str(file.relative_to(folder).as_posix()) for file in folder.rglob("*") if file.is_file())
        if INDEX not in files:
            raise OperationError(
                f"{folder} has no {INDEX}", code=ExitCode.USAGE, advice="Name the folder that the build writes."
            )
        return cls(context=context, folder=folder, files=(*(file for file in files if file != INDEX), INDEX))

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return self.context.environment.bucket_name("assets")

    @property
    def summary(self) -> str:
        """What is published, in words."""
        return f"{len(self.files)} files of {self.folder} to {self.bucket}, and invalidate /{INDEX}"

    def publish(self, version: str) -> None:
        """Upload the files that the bucket lacks and all that may change; invalidate the page."""
        distribution = self._distribution()
        present = self._present()
        uploaded = 0
        for file in self.files:
            if _is_hashed(file) and present.get(file) == (self.folder / file).stat().st_size:
                continue
            self._upload(file)
            uploaded += 1
        self.context.step(f"{uploaded} of {len(self.files)} files uploaded; the others are in {self.bucket} already")
        # A reference of its own: CloudFront answers a repeated one with the earlier invalidation.
        answer = self.context.aws.cloudfront.create_invalidation(
            DistributionId=distribution,
            InvalidationBatch={
                "Paths": {"Quantity": 1, "Items": [f"/{INDEX}"]},
                "CallerReference": f"{version}-{uuid.uuid4()}",
            },
        )
        self.context.report.done(f"Web assets are published; invalidation {answer['Invalidation']['Id']} is running")

    def _upload(self, file: str) -> None:
        max_age = self.context.settings.cloudfront.caching.max_ttl if self.context.settings.cloudfront else 0
        cache = f"public, max-age={max_age}, immutable" if _is_hashed(file) else "no-cache"
        self.context.aws.s3.put_object(
            Bucket=self.bucket,
            Key=file,
            Body=(self.folder / file).read_bytes(),
            CacheControl=cache,
            ContentType=_content_type(file),
            ExpectedBucketOwner=self.context.environment.account,
        )

    def _present(self) -> dict[str, int]:
        """Return the sizes of the files in the bucket whose names have hashes."""
        pages = self.context.aws.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=HASHED, ExpectedBucketOwner=self.context.environment.account
        )
        return {each.get("Key", ""): each.get("Size", 0) for page in pages for each in page.get("Contents", [])}

    def _distribution(self) -> str:
        """Return the id of the distribution that serves the domain."""
        domain = self.context.environment.domain
        for page in self.context.aws.cloudfront.get_paginator("list_distributions").paginate():
            for each in page.get("DistributionList", {}).get("Items", []):
                if domain in each["Aliases"].get("Items", []):
                    return each["Id"]
        raise OperationError(f"CloudFront has no distribution for {domain}", code=ExitCode.REFUSED)


def _is_hashed(file: str) -> bool:
    return file.startswith(HASHED)


def _content_type(file: str) -> str:
    """Return the content type, with the encoding of text; browsers reject scripts without one."""
    kind = mimetypes.guess_type(file)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith(TEXT) else kind
