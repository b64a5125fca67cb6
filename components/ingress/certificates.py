"""Certificates of AWS (ACM), proven to belong to us by a record in the domain's zone.

For one name, that record is the same in every region of an account: two stacks write the same one, so each may find it
there already, and neither takes it away.
"""

import pulumi
import pulumi_aws as aws

from components.shared.environment import Environment

# Seconds that resolvers may keep the record.
TTL = 300


def validated(
    logical: str, *, host: str, environment: Environment, parent: pulumi.Resource, region: str | None = None
) -> pulumi.Output[str]:
    """Make a certificate for a host and wait until AWS has seen the record: the certificate's ARN, fit for use."""
    certificate = aws.acm.Certificate(
        logical,
        domain_name=host,
        validation_method="DNS",
        region=region,
        tags={"Name": host},
        opts=pulumi.ResourceOptions(parent=parent),
    )
    wanted = certificate.domain_validation_options[0]
    record = aws.route53.Record(
        f"{logical}-validation",
        zone_id=environment.hosted_zone,
        name=wanted.resource_record_name,
        type=wanted.resource_record_type,
        records=[wanted.resource_record_value],
        ttl=TTL,
        allow_overwrite=True,
        # The other stack's certificate is renewed by it too; and it can't be made a second time before it is deleted.
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
