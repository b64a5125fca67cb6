"""DnsRecords: the aliases of the distributions, and the CAs that may issue certificates for the domain.

Sections: Environment Details (URL, API URL, Domain managed via Route 53).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.shared.environment import Environment

# IPv4 and IPv6.
ADDRESS_TYPES = ("A", "AAAA")

# Amazon only, and no wildcard certificates.
CERTIFICATE_AUTHORITIES = ('0 issue "amazon.com"', '0 issuewild ";"')
CAA_TTL = 3600


@dataclass(frozen=True, kw_only=True)
class Site:
    """A distribution, the host that it serves, and its purpose (`web` or `api`)."""

    purpose: str
    host: str
    distribution: aws.cloudfront.Distribution


class DnsRecords(pulumi.ComponentResource):
    """The alias records of each distribution's host, and the domain's CAA record."""

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        sites: Sequence[Site],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:ingress:DnsRecords", name, None, opts)
        child_opts = pulumi.ResourceOptions(parent=self)
        for site in sites:
            for kind in ADDRESS_TYPES:
                aws.route53.Record(
                    f"{name}-{site.purpose}-{kind.lower()}",
                    zone_id=environment.hosted_zone,
                    name=site.host,
                    type=kind,
                    aliases=[
                        aws.route53.RecordAliasArgs(
                            name=site.distribution.domain_name,
                            zone_id=site.distribution.hosted_zone_id,
                            # There is no second target to fall back to.
                            evaluate_target_health=False,
                        )
                    ],
                    opts=child_opts,
                )
        aws.route53.Record(
            f"{name}-caa",
            zone_id=environment.hosted_zone,
            name=environment.domain,
            type="CAA",
            ttl=CAA_TTL,
            records=list(CERTIFICATE_AUTHORITIES),
            opts=child_opts,
        )
        self.register_outputs({})
