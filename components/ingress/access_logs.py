"""AccessLogs: the access logs of CloudFront, in a separate bucket.

Sections: Backup Schedule (logs, 90 days), Data Handling (no PII in logs). This is CloudFront's standard logging v2:
CloudWatch Logs delivers the logs to the bucket.
"""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.ingress.dns_records import Site
from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.service_principals import allow_service
from components.storage.buckets import Lifecycle, create_private_bucket

# CloudFront's default fields without cookies, query strings and referrers, which can identify a person.
RECORD_FIELDS = (
    "date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem", "sc-status",
    "cs(User-Agent)", "x-edge-result-type", "x-edge-request-id", "x-host-header", "cs-protocol", "cs-bytes",
    "time-taken", "ssl-protocol", "ssl-cipher", "x-edge-response-result-type", "cs-protocol-version", "c-port",
    "time-to-first-byte", "x-edge-detailed-result-type", "sc-content-type", "sc-content-len",
)  # fmt: skip


class AccessLogs(pulumi.ComponentResource):
    """The bucket for the access logs of the distributions, and the log deliveries to it."""

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
        bucket_name = environment.bucket_name("edge-logs")
        bucket = create_private_bucket(
            name,
            name=bucket_name,
            key_arn=keys.logs,
            lifecycle=Lifecycle(noncurrent_days=1, expiration_days=retention),
            parent=self,
            statements=[
                # Exactly the statement that AWS expects; otherwise it adds a second one.
                allow_service(
                    "bucket",
                    "delivery.logs.amazonaws.com",
                    sid="Delivery",
                    actions="s3:PutObject",
                    resources=f"arn:aws:s3:::{bucket_name}/AWSLogs/{environment.account}/CloudFront/*",
                    account=environment.account,
                    source_arn=environment.arn("logs", "delivery-source:*"),
                    extra_conditions={"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}},
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
        previous: aws.cloudwatch.LogDelivery | None = None
        for site in sites:
            physical = f"{environment.name}-{site.purpose}"
            previous = self._deliver(f"{name}-{site.purpose}", physical, site.distribution.arn, destination, previous)
        self.register_outputs({"bucket": bucket_name})

    def _deliver(
        self,
        logical: str,
        physical: str,
        distribution_arn: pulumi.Output[str],
        destination: aws.cloudwatch.LogDeliveryDestination,
        previous: aws.cloudwatch.LogDelivery | None,
    ) -> aws.cloudwatch.LogDelivery:
        """Deliver one distribution's logs. AWS creates deliveries to a destination one at a time: after `previous`."""
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
            record_fields=list(RECORD_FIELDS),
            s3_delivery_configurations=[
                aws.cloudwatch.LogDeliveryS3DeliveryConfigurationArgs(
                    # AWS prepends AWSLogs/<account>/CloudFront/.
                    suffix_path="{DistributionId}/{yyyy}/{MM}/{dd}",
                    enable_hive_compatible_path=False,
                )
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[previous] if previous else None),
        )
