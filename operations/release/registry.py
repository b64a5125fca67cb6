"""The digest of a version, from the registry of the stack's region. After that the tag is never used."""

from typing import TYPE_CHECKING

from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError

if TYPE_CHECKING:
    from types_boto3_ecr.type_defs import ImageDetailTypeDef, ImageIdentifierTypeDef


def digest_of(context: Context, version: str) -> str:
    """Return the digest of a version's image; OperationError if the region's registry doesn't have it."""
    image = image_details(context, {"imageTag": version})
    digest = image.get("imageDigest") if image else None
    if digest is None:
        raise OperationError(
            f"{context.settings.storage.registry.repository} in {context.environment.region} has no image {version}",
            code=ExitCode.REFUSED,
            advice="The build pushes it to the primary region; its replica follows within minutes.",
        )
    return digest


def image_details(context: Context, image: "ImageIdentifierTypeDef") -> "ImageDetailTypeDef | None":
    """Return an image of the registry of the stack's region, by tag or digest; None if it has no such image."""
    repository, ecr = context.settings.storage.registry.repository, context.aws.ecr
    try:
        images = ecr.describe_images(repositoryName=repository, imageIds=[image])["imageDetails"]
    except (ecr.exceptions.ImageNotFoundException, ecr.exceptions.RepositoryNotFoundException):
        return None
    return images[0] if images else None


def image_of(context: Context, digest: str) -> str:
    """Return an image's name by digest, in the registry of the stack's account and region."""
    return f"{context.environment.image_registry}/{context.settings.storage.registry.repository}@{digest}"
