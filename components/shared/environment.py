"""Whose environment it is, and the names that follow from that."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Environment:
    """One stack of one application, as every component is told it.

    `application` and `stack` are Pulumi's project and stack (`taskflow`, `production`); `account` has twelve digits;
    `domain` is the application's own (`taskflow.app`), in the hosted zone of that id.
    """

    application: str
    stack: str
    region: str
    account: str
    domain: str
    hosted_zone: str

    @property
    def name(self) -> str:
        """Give the name that physical names begin with, such as `taskflow-production` (Environment Details)."""
        return f"{self.application}-{self.stack}"

    def host(self, label: str) -> str:
        """Give the name of a host below the domain, such as `api.taskflow.app`."""
        return f"{label}.{self.domain}"

    def log_group(self, purpose: str) -> str:
        """Give a log group's name: below one path, so that a key's policy can name all of them."""
        return f"/{self.application}/{self.stack}/{purpose}"

    @property
    def audit_log(self) -> str:
        """Give the name of the log group of what people did: the application's, alike in each stack (Audit Logging)."""
        return f"/{self.application}/audit"

    @property
    def trail_arn(self) -> str:
        """Give the ARN that the account's trail has if this stack owns it: its key and its bucket name it before."""
        return self.arn("cloudtrail", f"trail/{self.name}")

    def bucket(self, purpose: str) -> str:
        """Give a bucket's name: every account of the world shares one space of names, so it ends in this one's id."""
        return f"{self.name}-{purpose}-{self.account}"

    def arn(self, service: str, resource: str) -> str:
        """Give the ARN of something of this account in this region, whose name is known before it is made."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"
