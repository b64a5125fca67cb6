"""ACM certificates, validated by a record in the domain's hosted zone.

For one host name the validation record is the same in every region of an account, so both stacks write the same
record: each may overwrite it, and neither deletes it.
"""

import pulumi
import pulumi_aws as aws

from components.shared.environment import Environment

# Seconds.
VALIDATION_TTL = 300


def create_validated_certificate(
    logical: str, *, host: str, environment: Environment, parent: pulumi.Resource, region: str | None = None
) -> pulumi.Output[str]:
    """Create a certificate for a host; return its ARN, known once ACM has validated and issued it."""
    certificate = aws.acm.Certificate(
        logical,
        domain_name=host,
        validation_method="DNS",
        region=region,
        tags={"Name": host},
        opts=pulumi.ResourceOptions(parent=parent),
    )
    validation_record = certificate.domain_validation_options[0]
    record = aws.route53.Record(
        f"{logical}-validation",
        zone_id=environment.hosted_zone,
        name=validation_record.resource_record_name,
        type=validation_record.resource_record_type,
        records=[validation_record.resource_record_value],
        ttl=VALIDATION_TTL,
        allow_overwrite=True,
        # Retained: the other stack's certificate is renewed by it too. Deleted first: its name can't exist twice.
        opts=pulumi.ResourceOptions(parent=parent, retain_on_delete=True, delete_before_replace=True),
    )
    validation = aws.acm.CertificateValidation(
        logical,
        certificate_arn=certificate.arn,
        validation_record_fqdns=[record.fqdn],
        region=region,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return validation.certificate_arn
