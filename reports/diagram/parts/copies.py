"""What a stack keeps in another region for recovery, and what it gets from there."""

from collections.abc import Iterator

from reports.diagram.model import Arrow, Box, Container, Part, count, urns
from reports.diagram.parts.data import source_of
from reports.diagram.parts.storage import bucket_box
from reports.diagram.reading import Stack, number, objects, output, text


def copies(stack: Stack) -> Part:
    """Return the copies with the arrows that make them, or the source of a replica."""
    boxes = [*_buckets(stack), *_images(stack), *_secrets(stack), *_vault(stack), *_backups(stack), *_sources(stack)]
    # The backups come second: below the database.
    boxes.sort(key=lambda box: (box.id != "assets-copy", box.id != "backups-copy"))
    arrows = [*_of_buckets(stack), *_of_images(stack), *_of_backups(stack), *_from_sources(stack)]
    arrows += [Arrow(source="secrets", target="secrets-copy", kind="copy")]
    return Part(boxes=boxes, containers=list(_container(stack)), arrows=arrows)


def _container(stack: Stack) -> Iterator[Container]:
    keys = stack.elsewhere("kms/key")
    regions = sorted({text(key, "region") for key in keys})
    if regions:
        title = f"{', '.join(regions)}: copies for recovery, under {count(len(keys), 'key')} of their own"
        yield Container(id="copies", title=title, sources=urns(keys))
    elif sources := [source_of(i) for i in stack.of("rds/instance") if all(source_of(i))]:
        yield Container(id="copies", title=f"{sources[0][0]}: production", sources=urns(stack.of("rds/instance")))


def _buckets(stack: Stack) -> Iterator[Box]:
    for bucket in stack.elsewhere("s3/bucket"):
        name = stack.short(text(bucket, "bucket")).removesuffix("-copy")
        yield bucket_box(stack, bucket, place="copies", title=f"S3 {name}")


def _of_buckets(stack: Stack) -> Iterator[Arrow]:
    """Yield an arrow for each replication, in the direction of its rules."""
    for each in stack.everywhere("s3/bucketReplicationConfig"):
        source = stack.short(text(each, "bucket"))
        for index in range(len(objects(each, "rules"))):
            bucket = text(each, "rules", index, "destination", "bucket").rpartition(":")[2]
            yield Arrow(source=source, target=stack.short(bucket), kind="copy", sources=urns([each]))


def _images(stack: Stack) -> Iterator[Box]:
    repositories = stack.elsewhere("ecr/repository")
    if repositories:
        yield Box(
            id="images-copy",
            icon="elastic-container-registry",
            title="ECR images",
            place="copies",
            figures=[text(repository, "name") for repository in repositories],
            sources=urns(repositories, stack.of("ecr/replicationConfiguration")),
        )


def _of_images(stack: Stack) -> Iterator[Arrow]:
    for each in stack.of("ecr/replicationConfiguration"):
        if objects(each, "replicationConfiguration", "rules"):
            yield Arrow(source="images", target="images-copy", kind="copy")


def _secrets(stack: Stack) -> Iterator[Box]:
    replicated = [secret for secret in stack.of("secretsmanager/secret") if objects(secret, "replicas")]
    if replicated:
        yield Box(
            id="secrets-copy",
            icon="secrets-manager",
            title="Secrets",
            place="copies",
            figures=[stack.short(text(secret, "name")) for secret in replicated],
            sources=urns(replicated),
        )


def _vault(stack: Stack) -> Iterator[Box]:
    for vault in stack.elsewhere("backup/vault"):
        locks = stack.elsewhere("backup/vaultLockConfiguration")
        days = sorted(
            {
                text(plan, "rules", rule, "copyActions", action, "lifecycle", "deleteAfter")
                for plan in stack.of("backup/plan")
                for rule, each in enumerate(objects(plan, "rules"))
                for action in range(len(objects(plan, "rules", rule, "copyActions")) if each else 0)
            }
        )
        yield Box(
            id="backup-copy",
            icon="backup",
            title="Backup vault",
            place="copies",
            figures=[*([f"kept {', '.join(days)} days"] if days else []), *(["locked"] if locks else [])],
            sources=urns([vault], locks),
        )


def _of_backups(stack: Stack) -> Iterator[Arrow]:
    vaults = {output(vault, "arn") for vault in stack.elsewhere("backup/vault")}
    for plan in stack.of("backup/plan"):
        for rule in range(len(objects(plan, "rules"))):
            for action in range(len(objects(plan, "rules", rule, "copyActions"))):
                if text(plan, "rules", rule, "copyActions", action, "destinationVaultArn") in vaults:
                    yield Arrow(source="backup", target="backup-copy", kind="copy")


def _backups(stack: Stack) -> Iterator[Box]:
    for each in stack.elsewhere("rds/instanceAutomatedBackupsReplication"):
        yield Box(
            id="backups-copy",
            icon="rds",
            title="RDS backups",
            place="copies",
            figures=["to any second", f"for {number(each, 'retentionPeriod')} days"],
            sources=urns([each]),
        )


def _sources(stack: Stack) -> Iterator[Box]:
    """Yield the instance in another region that a database of this stack replicates."""
    for instance in stack.of("rds/instance"):
        region, name = source_of(instance)
        if region:
            yield Box(
                id="database-source",
                icon="rds",
                title="RDS primary",
                place="copies",
                figures=[name],
                sources=urns([instance]),
                is_external=True,
            )


def _from_sources(stack: Stack) -> Iterator[Arrow]:
    if any(all(source_of(instance)) for instance in stack.of("rds/instance")):
        yield Arrow(source="database-source", target="database", kind="copy")
