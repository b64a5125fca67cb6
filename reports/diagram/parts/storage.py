"""What the tasks use besides the database: files, jobs, secrets, images, keys; and the backups."""

import json
from collections.abc import Iterator, Sequence

from reports.diagram.model import Box, Part, count, urns
from reports.diagram.parts.service import environment, images_of, secrets_of
from reports.diagram.reading import Stack, number, objects, output, text, value, within
from reports.states import Recorded


def storage(stack: Stack) -> Part:
    """Return the services of the region that the tasks reach by endpoints, the static assets and the backups."""
    boxes = [
        *_assets(stack),
        *_files(stack),
        *_jobs(stack),
        *_secrets(stack),
        *_images(stack),
        *_keys(stack),
        *_backup(stack),
    ]
    return Part(boxes=boxes)


def bucket_figures(stack: Stack, bucket: Recorded) -> Sequence[str]:
    """Return whether a bucket has versions, and how long it keeps the replaced ones."""
    name = text(bucket, "bucket")
    versioned = [v for v in stack.everywhere("s3/bucketVersioning") if text(v, "bucket") == name]
    rules = [
        rule
        for lifecycle in stack.everywhere("s3/bucketLifecycleConfiguration")
        if text(lifecycle, "bucket") == name
        for rule in objects(lifecycle, "rules")
    ]
    kept = [days for rule in rules if (days := within(rule, "noncurrentVersionExpiration", "noncurrentDays"))]
    status = [s for v in versioned if (s := text(v, "versioningConfiguration", "status")) == "Enabled"]
    return [f"versions kept {days} days" for days in kept] if status else []


def bucket_sources(stack: Stack, bucket: Recorded) -> Sequence[Recorded]:
    """Return a bucket with its versioning, its lifecycle and its replication."""
    settings = ("s3/bucketVersioning", "s3/bucketLifecycleConfiguration", "s3/bucketReplicationConfig")
    return [bucket, *(s for s in stack.everywhere(*settings) if text(s, "bucket") == text(bucket, "bucket"))]


def bucket_box(stack: Stack, bucket: Recorded, *, place: str, title: str, figures: Sequence[str] = ()) -> Box:
    """Return the box of a bucket; its id is the bucket's short name."""
    return Box(
        id=stack.short(text(bucket, "bucket")),
        icon="simple-storage-service",
        title=title,
        place=place,
        figures=[*figures, *bucket_figures(stack, bucket)],
        sources=urns(bucket_sources(stack, bucket)),
    )


def _assets(stack: Stack) -> Iterator[Box]:
    """Yield the buckets that CloudFront reads, except a copy in another region."""
    origins = {
        str(origin["domainName"])
        for distribution in stack.of("cloudfront/distribution")
        for origin in objects(distribution, "origins")
    }
    for bucket in stack.of("s3/bucket"):
        if output(bucket, "bucketRegionalDomainName") in origins:
            yield bucket_box(stack, bucket, place="assets", title="S3 static assets")


def _files(stack: Stack) -> Iterator[Box]:
    """Yield the bucket that the API uses; external if another stack has it."""
    name = environment(stack, "S3_BUCKET")
    own = [bucket for bucket in stack.of("s3/bucket") if text(bucket, "bucket") == name]
    if own:
        yield bucket_box(stack, own[0], place="services", title="S3 files", figures=["of the users"])
    elif name:
        yield Box(
            id="files",
            icon="simple-storage-service",
            title="S3 files",
            place="services",
            figures=[stack.short(name).removeprefix(f"{stack.application}-"), "of another stack"],
            sources=urns(stack.of("ecs/taskDefinition")),
            is_external=True,
        )


def _jobs(stack: Stack) -> Iterator[Box]:
    for queue in stack.of("sqs/queue"):
        if not text(queue, "redrivePolicy"):
            continue
        tries = json.loads(text(queue, "redrivePolicy"))["maxReceiveCount"]
        days = number(queue, "messageRetentionSeconds") // 86400
        yield Box(
            id="jobs",
            icon="simple-queue-service",
            title="SQS jobs",
            place="services",
            figures=[f"kept {days} days", f"dead letters after {tries} tries"],
            sources=urns(stack.of("sqs/queue")),
        )


def _secrets(stack: Stack) -> Iterator[Box]:
    own = stack.of("secretsmanager/secret")
    arns = {output(secret, "arn") for secret in own}
    replicas = [arn for arn in secrets_of(stack) if arn not in arns]
    if own or replicas:
        used = [f"{len(replicas)} of another stack"] if replicas else []
        yield Box(
            id="secrets",
            icon="secrets-manager",
            title="Secrets Manager",
            place="services",
            figures=[*([count(len(own), "secret")] if own else []), *used],
            sources=urns(own, stack.of("ecs/taskDefinition") if replicas else []),
            is_external=not own,
        )


def _images(stack: Stack) -> Iterator[Box]:
    """Yield the registry; external if its repositories belong to another stack."""
    own = stack.of("ecr/repository")
    names = [text(repository, "name") for repository in own]
    outside = sorted({i.rpartition("/")[2] for i in images_of(stack) if f".ecr.{stack.region}." in i} - set(names))
    if own:
        tags = {text(repository, "imageTagMutability").lower() for repository in own}
        figures = [*names, *(f"{tag} tags" for tag in sorted(tags))]
    else:
        figures = [*outside, "of another stack"]
    if own or outside:
        yield Box(
            id="images",
            icon="elastic-container-registry",
            title="ECR images",
            place="services",
            figures=figures,
            sources=urns(own or stack.of("ecs/taskDefinition")),
            is_external=not own,
        )


def _keys(stack: Stack) -> Iterator[Box]:
    keys = stack.of("kms/key")
    if keys:
        rotates = all(value(key, "enableKeyRotation") is True for key in keys)
        yield Box(
            id="keys",
            icon="key-management-service",
            title="KMS",
            place="services",
            figures=[f"{count(len(keys), 'key')}, one per purpose", *(["rotated every year"] if rotates else [])],
            sources=urns(keys),
        )


def _backup(stack: Stack) -> Iterator[Box]:
    plans = stack.of("backup/plan")
    for plan in plans:
        days = {within(rule, "lifecycle", "deleteAfter") for rule in objects(plan, "rules")}
        names = {text(plan, "rules", index, "ruleName") for index in range(len(objects(plan, "rules")))}
        locks, tests = stack.of("backup/vaultLockConfiguration"), stack.of("backup/restoreTestingPlan")
        figures = [f"{', '.join(sorted(names))}, kept {', '.join(sorted(days))} days"]
        selected = bool(stack.of("backup/selection"))
        figures += ["locked vault" if locks else "vault"] if selected else ["nothing selected yet"]
        figures += ["restore test every week"] if tests and stack.of("backup/restoreTestingSelection") else []
        yield Box(
            id="backup",
            icon="backup",
            title="AWS Backup",
            place="services",
            figures=figures,
            sources=urns(
                [plan],
                locks,
                tests,
                stack.of("backup/vault", "backup/selection", "backup/restoreTestingSelection"),
            ),
        )
