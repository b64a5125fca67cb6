"""DnsRecords: where the domain's own names point, and who may sign certificates for them.

Sections: Environment Details (URL, API URL, Domain managed via Route 53).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.shared.environment import Environment

# IPv4 and IPv6.
ADDRESSES = ("A", "AAAA")

# Amazon signs the certificates, none of them for a wildcard.
SIGNERS = ('0 issue "amazon.com"', '0 issuewild ";"')
SIGNERS_TTL = 3600


@dataclass(frozen=True, kw_only=True)
class Site:
    """One distribution, the host that it serves, and what it is for in a word (`web`)."""

    purpose: str
    host: str
    distribution: aws.cloudfront.Distribution


class DnsRecords(pulumi.ComponentResource):
    """The aliases of each distribution's host, and the domain's CAA records."""

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        sites: Sequence[Site],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:ingress:DnsRecords", name, None, opts)
        own = pulumi.ResourceOptions(parent=self)
        for site in sites:
            for kind in ADDRESSES:
                aws.route53.Record(
                    f"{name}-{site.purpose}-{kind.lower()}",
                    zone_id=environment.hosted_zone,
                    name=site.host,
                    type=kind,
                    aliases=[
                        aws.route53.RecordAliasArgs(
                            name=site.distribution.domain_name,
                            zone_id=site.distribution.hosted_zone_id,
                            # There is no other way in that it could point to.
                            evaluate_target_health=False,
                        )
                    ],
                    opts=own,
                )
        aws.route53.Record(
            f"{name}-caa",
            zone_id=environment.hosted_zone,
            name=environment.domain,
            type="CAA",
            ttl=SIGNERS_TTL,
            records=list(SIGNERS),
            opts=own,
        )
        self.register_outputs({})
