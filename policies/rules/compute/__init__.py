"""Rules about compute: the containers, the task, the access task, the service, its scaling and its cluster."""

from policies.engine.rule import AnyRule
from policies.rules.compute import access_task, cluster, containers, scaling, service, task

RULES: tuple[AnyRule, ...] = (
    *containers.RULES,
    *task.RULES,
    *access_task.RULES,
    *service.RULES,
    *scaling.RULES,
    *cluster.RULES,
)
