"""The compliant compute as plain data: cluster, task definition, service, scaling and deployment alarms."""

import json
from collections.abc import Mapping

from tests.policies.compliant.data import ACCOUNT, REGIONS, key
from tests.policies.plan import REMOVED, Plan, Ref

CLUSTER = "aws:ecs/cluster:Cluster"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE = "aws:ecs/service:Service"
TARGET = "aws:appautoscaling/target:Target"
POLICY = "aws:appautoscaling/policy:Policy"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
IMAGE = "public.ecr.aws/docker/library/python:3.13.7-alpine3.22"
# awsx's component names all of its subnets as the source of its output.
SUBNETS = tuple(f"Subnet {tier}-{n}" for tier in ("public", "private", "data") for n in (1, 2))

TEMPORARY = "/tmp"  # noqa: S108  (in a container)

Container = dict[str, object]


def add_compute(plan: Plan) -> None:
    """Add a stack's cluster, task definition, service and scaling."""
    name = f"taskflow-{plan.stack}"
    for purpose, physical in (
        ("tasks", f"/taskflow/{plan.stack}/api"),
        ("sessions", f"/taskflow/{plan.stack}/sessions"),
        ("insights", f"/aws/ecs/containerinsights/{name}/performance"),
    ):
        group = plan.add(LOG_GROUP, f"service-{purpose}", None, name=physical, retentionInDays=90, kmsKeyId=key("logs"))
        group.protect = True
    session_logs = {
        "cloudWatchEncryptionEnabled": True,
        "cloudWatchLogGroupName": f"/taskflow/{plan.stack}/sessions",
    }
    sessions = {"kmsKeyId": key("secrets"), "logging": "OVERRIDE", "logConfiguration": session_logs}
    cluster = plan.add(
        CLUSTER,
        "service",
        None,
        name=name,
        settings=[{"name": "containerInsights", "value": "enhanced"}],
        configuration={"executeCommandConfiguration": sessions},
    )
    cluster.computed = {"arn": f"arn:aws:ecs:::cluster/{name}"}
    _task(plan)
    for purpose, task_role, execution_role, definition in (
        ("access", "access", "access-execution", access_container(plan.stack)),
        ("database", "database", "database", database_container(plan.stack)),
        ("restore-validation", "restore-validation", "restore-validation", validation_container(plan.stack)),
        ("data-export", "data-export", "data-export", export_container(plan.stack)),
    ):
        _one_off_task(plan, purpose, task_role, execution_role, definition)
    for alarm in ("errors", "latency"):
        plan.add(ALARM, f"service-deployment-{alarm}", None, name=f"{name}-deployment-{alarm}")
    _service(plan, name)
    _scaling(plan, f"service/{name}/taskflow-api-{plan.stack}")


def container(stack: str, **changed: object) -> Container:
    """Return the compliant container with some properties changed; REMOVED removes one."""
    whole: Container = {
        "name": "api",
        "image": IMAGE,
        "essential": True,
        "user": "1000:1000",
        "readonlyRootFilesystem": True,
        "portMappings": [{"containerPort": 3001, "hostPort": 3001, "protocol": "tcp"}],
        "linuxParameters": linux_parameters(),
        "healthCheck": {"command": ["CMD-SHELL", "wget -q http://127.0.0.1:3001/health"], "interval": 15},
        "stopTimeout": 90,
        "logConfiguration": log_configuration(stack),
        "environment": variables(),
        "secrets": secrets(stack),
    }
    return _without_removed({**whole, **changed})


def variables() -> list[dict[str, str]]:
    """Return what the application reads."""
    names = ("PORT", "NODE_ENV", "AWS_REGION", "DATABASE_HOST", "DATABASE_READER_HOST", "DATABASE_PORT",
             "DATABASE_NAME", "REDIS_HOST", "REDIS_PORT", "S3_BUCKET", "SQS_QUEUE_URL")  # fmt: skip
    return [{"name": name, "value": name.lower()} for name in names]


def secrets(stack: str) -> list[dict[str, str]]:
    """Return the logins that it reads."""
    secret = f"arn:aws:secretsmanager:{REGIONS.get(stack, 'us-east-1')}:{ACCOUNT}:secret:taskflow/{stack}"
    login = f"{secret}/database-application-a1B2c3"
    return [
        {"name": "DATABASE_USER", "valueFrom": f"{login}:username::"},
        {"name": "DATABASE_PASSWORD", "valueFrom": f"{login}:password::"},
        {"name": "REDIS_AUTH_TOKEN", "valueFrom": f"{secret}/cache-auth-a1B2c3:authToken::"},
    ]


def _without_removed(whole: Mapping[str, object]) -> Container:
    return {name: value for name, value in whole.items() if value is not REMOVED}


def linux_parameters(**changed: object) -> Container:
    """Return the compliant linuxParameters with some changed."""
    mount = {"containerPath": TEMPORARY, "size": 64, "mountOptions": ["mode=1777"]}
    return _without_removed(
        {"initProcessEnabled": True, "capabilities": {"drop": ["ALL"]}, "tmpfs": [mount], **changed}
    )


def log_configuration(stack: str, **changed: object) -> Container:
    """Return the compliant logConfiguration with some options changed."""
    region = REGIONS.get(stack, "us-east-1")
    options = {"awslogs-group": f"/taskflow/{stack}/api", "awslogs-region": region, "mode": "non-blocking"}
    return {"logDriver": "awslogs", "options": _without_removed({**options, **changed})}


def database_container(stack: str, **changed: object) -> Container:
    """Return the container of the compliant database task with some properties changed; REMOVED removes one."""
    region = REGIONS.get(stack, "us-east-1")
    owner = f"arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:taskflow/production/database-owner-a1B2c3"
    own: Container = {
        "name": "database",
        "entryPoint": ["/usr/bin/timeout", "--signal=KILL", "900"],
        "command": ["psql", "--version"],
        "readonlyRootFilesystem": True,
        "linuxParameters": linux_parameters(),
        "environment": [{"name": "PGHOST", "value": "db.example"}],
        "secrets": [{"name": "PGPASSWORD", "valueFrom": f"{owner}:password::"}],
    }
    return _without_removed({**access_container(stack), **own, **changed})


def validation_container(stack: str, **changed: object) -> Container:
    """Return the container of the compliant restore validation with some properties changed; REMOVED removes one."""
    own: Container = {
        "name": "restore-validation",
        "entryPoint": ["/usr/bin/timeout", "--signal=KILL", "1800"],
        "command": ["sh", "-c", "psql"],
        "secrets": REMOVED,
    }
    return _without_removed({**database_container(stack), **own, **changed})


def export_container(stack: str, **changed: object) -> Container:
    """Return the container of the compliant data export with some properties changed; REMOVED removes one."""
    return validation_container(stack, **{"name": "data-export", **changed})


def access_container(stack: str, **changed: object) -> Container:
    """Return the container of the compliant access task with some properties changed; REMOVED removes one."""
    registry = f"{ACCOUNT}.dkr.ecr.{REGIONS.get(stack, 'us-east-1')}.amazonaws.com"
    whole: Container = {
        "name": "access",
        "image": f"{registry}/taskflow-tools@sha256:{'0' * 64}",
        "entryPoint": ["/usr/bin/timeout", "--signal=KILL", "3600"],
        "command": ["sleep", "infinity"],
        "essential": True,
        "user": "1000:1000",
        "readonlyRootFilesystem": False,
        "linuxParameters": {"initProcessEnabled": True},
        "logConfiguration": log_configuration(stack, **{"awslogs-group": f"/taskflow/{stack}/sessions"}),
    }
    return _without_removed({**whole, **changed})


def container_definitions(*containers: Mapping[str, object]) -> str:
    return json.dumps(list(containers))


def _task(plan: Plan) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/taskflow-ecs"
    task = plan.add(
        TASK,
        "service",
        None,
        family=f"taskflow-api-{plan.stack}-template",
        cpu="1024",
        memory="2048",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        executionRoleArn=f"{role}-execution-role",
        taskRoleArn=f"{role}-task-role",
        skipDestroy=True,
        containerDefinitions=container_definitions(container(plan.stack)),
    )
    task.computed = {"arn": "arn:aws:ecs:::task-definition/taskflow-api:1"}


def _one_off_task(plan: Plan, purpose: str, task_role: str, execution_role: str, definition: Container) -> None:
    task = plan.add(
        TASK,
        purpose,
        None,
        family=f"taskflow-{plan.stack}-{purpose}",
        cpu="256",
        memory="512",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        executionRoleArn=Ref(to=f"Role roles-{execution_role}", output="arn"),
        taskRoleArn=Ref(to=f"Role roles-{task_role}", output="arn"),
        skipDestroy=True,
        containerDefinitions=container_definitions(definition),
    )
    task.computed = {"arn": f"arn:aws:ecs:::task-definition/taskflow-{plan.stack}-{purpose}:1"}


def _service(plan: Plan, name: str) -> None:
    alarms = [f"{name}-deployment-{alarm}" for alarm in ("errors", "latency")]
    plan.add(
        SERVICE,
        "service",
        None,
        name=f"taskflow-api-{plan.stack}",
        cluster=Ref(to="Cluster service", output="arn"),
        taskDefinition=Ref(to="TaskDefinition service", output="arn"),
        desiredCount=2 if plan.stack == "dr" else 4,
        launchType="FARGATE",
        platformVersion="LATEST",
        availabilityZoneRebalancing="ENABLED",
        enableExecuteCommand=False,
        healthCheckGracePeriodSeconds=60,
        loadBalancers=[
            {
                "targetGroupArn": Ref(to="TargetGroup origin", output="arn"),
                "containerName": "api",
                "containerPort": 3001,
            }
        ],
        deploymentCircuitBreaker={"enable": True, "rollback": True},
        deploymentMinimumHealthyPercent=100,
        deploymentMaximumPercent=200,
        alarms={"enable": True, "rollback": True, "alarmNames": alarms},
        networkConfiguration={
            "assignPublicIp": False,
            "subnets": [Ref(to=f"Subnet private-{n}", via=("Vpc network", *SUBNETS)) for n in (1, 2)],
            "securityGroups": [Ref(to="SecurityGroup service")],
        },
    )


def target_tracking(metric: str, target: int, **changed: object) -> Container:
    """Return a scaling policy's configuration with some properties changed."""
    whole: Container = {
        "predefinedMetricSpecification": {"predefinedMetricType": f"ECSServiceAverage{metric}Utilization"},
        "targetValue": target,
        "scaleInCooldown": 300,
        "scaleOutCooldown": 60,
    }
    return _without_removed({**whole, **changed})


def _scaling(plan: Plan, resource_id: str) -> None:
    own = {"serviceNamespace": "ecs", "scalableDimension": "ecs:service:DesiredCount", "resourceId": resource_id}
    plan.add(TARGET, "service", None, **own, minCapacity=2, maxCapacity=20)
    for metric, target in (("CPU", 70), ("Memory", 80)):
        plan.add(
            POLICY,
            f"service-{metric.lower()}",
            None,
            **own,
            policyType="TargetTrackingScaling",
            targetTrackingScalingPolicyConfiguration=target_tracking(metric, target),
        )
