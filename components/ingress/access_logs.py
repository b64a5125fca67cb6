"""AccessLogs: what CloudFront writes down of each request, in a bucket of its own.

Sections: Backup Schedule (logs, 90 days), Data Handling (no PII in logs). CloudFront hands its logs to CloudWatch's
deliveries (its standard logging, version 2), which bring them to the bucket.
"""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.ingress.dns_records import Site
from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.service_principals import let_in
from components.storage.buckets import Ending, private_bucket

# All that CloudFront offers by default but cookies, query strings and referrers: those say who somebody is.
FIELDS = (
    "date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem", "sc-status",
    "cs(User-Agent)", "x-edge-result-type", "x-edge-request-id", "x-host-header", "cs-protocol", "cs-bytes",
    "time-taken", "ssl-protocol", "ssl-cipher", "x-edge-response-result-type", "cs-protocol-version", "c-port",
    "time-to-first-byte", "x-edge-detailed-result-type", "sc-content-type", "sc-content-len",
)  # fmt: skip


class AccessLogs(pulumi.ComponentResource):
    """The bucket of the distributions' access logs, and the deliveries to it."""

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        retention: int,
        keys: KeysOutputs,
        sites: Sequence[Site],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:ingress:AccessLogs", name, None, opts)
        bucket_name = environment.bucket("edge-logs")
        bucket = private_bucket(
            name,
            name=bucket_name,
            key_arn=keys.logs,
            ending=Ending(old_versions=1, objects=retention),
            parent=self,
            statements=[
                # Word for word AWS's own, or AWS would write its own beside it.
                let_in(
                    "bucket",
                    "delivery.logs.amazonaws.com",
                    sid="Delivery",
                    actions="s3:PutObject",
                    resources=f"arn:aws:s3:::{bucket_name}/AWSLogs/{environment.account}/CloudFront/*",
                    account=environment.account,
                    source_arn=environment.arn("logs", "delivery-source:*"),
                    further={"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
                )
            ],
        )
        destination = aws.cloudwatch.LogDeliveryDestination(
            name,
            name=f"{environment.name}-edge",
            delivery_destination_configuration=(
                aws.cloudwatch.LogDeliveryDestinationDeliveryDestinationConfigurationArgs(
                    destination_resource_arn=bucket.bucket.arn
                )
            ),
            output_format="json",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[bucket.policy]),
        )
        before: aws.cloudwatch.LogDelivery | None = None
        for site in sites:
            physical = f"{environment.name}-{site.purpose}"
            before = self._deliver(f"{name}-{site.purpose}", physical, site.distribution.arn, destination, before)
        self.register_outputs({"bucket": bucket_name})

    def _deliver(
        self,
        logical: str,
        physical: str,
        distribution_arn: pulumi.Output[str],
        destination: aws.cloudwatch.LogDeliveryDestination,
        before: aws.cloudwatch.LogDelivery | None,
    ) -> aws.cloudwatch.LogDelivery:
        """Deliver one distribution's logs, after the delivery `before` it: AWS makes one at a time to a destination."""
        source = aws.cloudwatch.LogDeliverySource(
            logical,
            name=physical,
            log_type="ACCESS_LOGS",
            resource_arn=distribution_arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return aws.cloudwatch.LogDelivery(
            logical,
            delivery_source_name=source.name,
            delivery_destination_arn=destination.arn,
            record_fields=list(FIELDS),
            s3_delivery_configurations=[
                aws.cloudwatch.LogDeliveryS3DeliveryConfigurationArgs(
                    # AWS puts AWSLogs/<account>/CloudFront/ before it.
                    suffix_path="{DistributionId}/{yyyy}/{MM}/{dd}",
                    enable_hive_compatible_path=False,
                )
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[before] if before else None),
        )
