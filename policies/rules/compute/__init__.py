"""Rules about compute: the containers, the task, the access task, the service, its scaling and its cluster."""

from policies.engine.rule import AnyRule
from policies.rules.compute import containers, one_off_tasks, scaling, service, task
from policies.shared import cluster

RULES: tuple[AnyRule, ...] = (
    *containers.RULES,
    *task.RULES,
    *one_off_tasks.RULES,
    *service.RULES,
    *scaling.RULES,
    *cluster.RULES,
)
