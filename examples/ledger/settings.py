"""The settings of a stack of the ledger: the blocks of its stack file, and its secrets."""

from dataclasses import replace

from settings.alerts import Alerts
from settings.audit import Audit
from settings.backup import Backup
from settings.base import Block
from settings.cloudfront import CloudFront
from settings.dashboard import Dashboard
from settings.elasticache import Elasticache
from settings.environment import EnvironmentDetails
from settings.fargate import Scaling, Service, Task
from settings.load_balancer import LoadBalancer
from settings.network import Network
from settings.rds import Rds
from settings.roles import Roles
from settings.secrets import ORIGIN_SECRET, PAGER_DUTY_URL, SecretSetting
from settings.storage import Storage
from settings.tools import Tools
from settings.waf import Waf


class Settings(Block):
    """The blocks of Pulumi.demo.yaml, with the models and validation of TaskFlow's settings."""

    environment: EnvironmentDetails
    network: Network
    rds: Rds
    elasticache: Elasticache
    backup: Backup
    storage: Storage
    waf: Waf
    cloudfront: CloudFront
    load_balancer: LoadBalancer
    audit: Audit
    roles: Roles
    service: Service
    task: Task
    scaling: Scaling
    tools: Tools
    alerts: Alerts
    dashboard: Dashboard


STACKS = ("demo",)
# The sandbox has a placeholder for each; a deployment is rejected, with the command that sets it, until it is set.
SECRETS: tuple[SecretSetting, ...] = (
    replace(
        ORIGIN_SECRET,
        key="ledger:originSecret",
        purpose="the header by which the load balancer recognizes CloudFront",
        stacks=STACKS,
    ),
    replace(PAGER_DUTY_URL, key="ledger:pagerDutyUrl", stacks=STACKS),
)
