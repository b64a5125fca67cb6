"""FargateService: the cluster, the API's service, and the template for the task definitions of releases.

Sections: Compute (ECS Fargate), Deployment Checklist. A release registers its own task definition, based on the
template, and deploys it to the service; autoscaling sets the number of tasks. Pulumi ignores both once the service
exists, so that the next `pulumi up` never undoes a release or a rollback.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.ingress.load_balancer import LoadBalancerOutputs
from components.network.vpc import NetworkOutputs
from components.service.scaling import create_deployment_alarms, create_scaling
from components.service.task_definition import CONTAINER, EnvironmentVariables, container_definition
from components.service.task_roles import SESSIONS, RolesOutputs
from components.shared.encryption_keys import KeysOutputs
from components.shared.environment import Environment
from components.shared.log_groups import NamedLogGroup, create_log_group
from settings.fargate import Scaling, Service, Task


@dataclass(frozen=True, kw_only=True)
class ServiceOutputs:
    """Names, template and network of the service, for releases, one-off tasks and alarms.

    `deployment_alarms` are the names of the alarms that roll back a release. Resources that need healthy tasks and the
    minimum of autoscaling depend on `running`. `template_arn` is the task definition that a release starts from, in the
    family `release_family`. One-off tasks, such as migrations, run in `subnet_ids` and `security_group_id`, from which
    the database accepts connections. `session_log_group` holds the log of ECS Exec.
    """

    cluster: str
    service: str
    min_count: int
    template_arn: pulumi.Output[str]
    release_family: str
    subnet_ids: pulumi.Output[Sequence[str]]
    security_group_id: pulumi.Output[str]
    log_group: NamedLogGroup
    session_log_group: NamedLogGroup
    running: Sequence[pulumi.Resource]
    deployment_alarms: Sequence[pulumi.Output[str]]


class FargateService(pulumi.ComponentResource):
    """The API on Fargate: cluster, service, task template, autoscaling and deployment alarms."""

    outputs: ServiceOutputs

    def __init__(
        self,
        name: str,
        *,
        environment: Environment,
        settings: Service,
        task: Task,
        scaling: Scaling,
        port: int,
        network: NetworkOutputs,
        load_balancer: LoadBalancerOutputs,
        roles: RolesOutputs,
        keys: KeysOutputs,
        environment_variables: EnvironmentVariables,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("taskflow:service:FargateService", name, None, opts)
        self._name_prefix = name
        self._environment = environment
        self._settings = settings
        self._port = port
        self._network = network
        self._load_balancer = load_balancer
        self._roles = roles
        self._keys = keys
        self._child_opts = pulumi.ResourceOptions(parent=self)

        log_group = self._log_group("tasks", environment.log_group_name(CONTAINER))
        sessions = self._log_group(SESSIONS, environment.log_group_name(SESSIONS))
        cluster = self._cluster(sessions.group)
        template = self._template(task, environment_variables, log_group.group)
        alarms = create_deployment_alarms(
            name, environment=environment, settings=settings.deployment, load_balancer=load_balancer, parent=self
        )
        service = self._service(cluster, template, alarms)
        target = create_scaling(
            name,
            resource_id=pulumi.Output.concat("service/", cluster.name, "/", service.name),
            settings=scaling,
            capacity=settings,
            parent=self,
        )
        self.outputs = ServiceOutputs(
            cluster=settings.cluster,
            service=settings.name,
            min_count=settings.min_count,
            template_arn=template.arn,
            release_family=settings.name,
            subnet_ids=network.private_subnet_ids,
            security_group_id=network.security_groups.service,
            log_group=log_group,
            session_log_group=sessions,
            running=[service, target],
            deployment_alarms=[alarm.name for alarm in alarms],
        )
        self.register_outputs({"templateArn": template.arn})

    def _log_group(self, purpose: str, name: str) -> NamedLogGroup:
        group = create_log_group(
            f"{self._name_prefix}-{purpose}",
            name=name,
            retention_in_days=self._settings.log_retention,
            key_arn=self._keys.logs,
            parent=self,
        )
        return NamedLogGroup(name=name, group=group)

    def _cluster(self, sessions: aws.cloudwatch.LogGroup) -> aws.ecs.Cluster:
        """Create the cluster. Only the access task has sessions; they are logged and encrypted."""
        cluster = self._settings.cluster
        # ECS chooses the name, and would create the log group without a key.
        insights = self._log_group("insights", f"/aws/ecs/containerinsights/{cluster}/performance")
        session_log = aws.ecs.ClusterConfigurationExecuteCommandConfigurationLogConfigurationArgs(
            cloud_watch_encryption_enabled=True, cloud_watch_log_group_name=sessions.name
        )
        return aws.ecs.Cluster(
            self._name_prefix,
            name=cluster,
            settings=[aws.ecs.ClusterSettingArgs(name="containerInsights", value="enhanced")],
            configuration=aws.ecs.ClusterConfigurationArgs(
                execute_command_configuration=aws.ecs.ClusterConfigurationExecuteCommandConfigurationArgs(
                    kms_key_id=self._keys.sessions, logging="OVERRIDE", log_configuration=session_log
                )
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[insights.group]),
        )

    def _template(
        self, task: Task, environment_variables: EnvironmentVariables, log_group: aws.cloudwatch.LogGroup
    ) -> aws.ecs.TaskDefinition:
        definition = container_definition(
            self._environment,
            task,
            port=self._port,
            health_path=self._load_balancer.health_path,
            log_group=log_group.name,
            environment_variables=environment_variables,
        )
        return aws.ecs.TaskDefinition(
            self._name_prefix,
            family=self._settings.template_family,
            cpu=str(task.cpu),
            memory=str(task.memory),
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE"],
            runtime_platform=aws.ecs.TaskDefinitionRuntimePlatformArgs(
                cpu_architecture=task.cpu_architecture, operating_system_family="LINUX"
            ),
            execution_role_arn=self._roles.execution,
            task_role_arn=self._roles.task,
            container_definitions=pulumi.Output.json_dumps([definition]),
            # ECS can't roll back to a deregistered revision.
            skip_destroy=True,
            opts=self._child_opts,
        )

    def _service(
        self,
        cluster: aws.ecs.Cluster,
        template: aws.ecs.TaskDefinition,
        alarms: Sequence[aws.cloudwatch.MetricAlarm],
    ) -> aws.ecs.Service:
        settings, deployment = self._settings, self._settings.deployment
        target = aws.ecs.ServiceLoadBalancerArgs(
            target_group_arn=self._load_balancer.target_group_arn, container_name=CONTAINER, container_port=self._port
        )
        return aws.ecs.Service(
            self._name_prefix,
            name=settings.name,
            cluster=cluster.arn,
            task_definition=template.arn,
            desired_count=settings.desired_count,
            launch_type="FARGATE",
            platform_version="LATEST",
            network_configuration=aws.ecs.ServiceNetworkConfigurationArgs(
                subnets=self._network.private_subnet_ids,
                security_groups=[self._network.security_groups.service],
                assign_public_ip=False,
            ),
            load_balancers=[target],
            availability_zone_rebalancing="ENABLED",
            health_check_grace_period_seconds=deployment.health_check_grace_period,
            deployment_minimum_healthy_percent=deployment.minimum_healthy_percent,
            deployment_maximum_percent=deployment.maximum_percent,
            deployment_circuit_breaker=aws.ecs.ServiceDeploymentCircuitBreakerArgs(enable=True, rollback=True),
            alarms=aws.ecs.ServiceAlarmsArgs(enable=True, rollback=True, alarm_names=[alarm.name for alarm in alarms]),
            enable_execute_command=False,
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            # The first `pulumi up` fails unless the tasks become healthy.
            wait_for_steady_state=True,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*self._load_balancer.forwarding_rules, *self._roles.permissions],
                ignore_changes=["taskDefinition", "desiredCount"],
            ),
        )
