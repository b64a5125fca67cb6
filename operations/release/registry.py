"""The digest of a version, from the registry of the stack's region. After that the tag is never used."""

from operations.frame.context import Context
from operations.frame.errors import ExitCode, OperationError


def digest_of(context: Context, version: str) -> str:
    """Return the digest of a version's image; OperationError if the region's registry doesn't have it."""
    repository = context.settings.storage.registry.repository
    ecr = context.aws.ecr
    try:
        images = ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": version}])["imageDetails"]
    except (ecr.exceptions.ImageNotFoundException, ecr.exceptions.RepositoryNotFoundException):
        images = []
    digest = images[0].get("imageDigest") if images else None
    if digest is None:
        raise OperationError(
            f"{repository} in {context.environment.region} has no image {version}",
            code=ExitCode.REFUSED,
            advice="The build pushes it to the primary region; its replica follows within minutes.",
        )
    return digest


def image_of(context: Context, digest: str) -> str:
    """Return an image's name by digest, in the registry of the stack's account and region."""
    return f"{context.environment.image_registry}/{context.settings.storage.registry.repository}@{digest}"
