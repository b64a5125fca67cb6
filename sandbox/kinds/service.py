"""What AWS answers for the API's compute, load balancer, storage and names. kind.py says what a row means."""

from collections.abc import Mapping

from sandbox.kinds.kind import Kind

_UUID = "{hex8}-{hex:.4}-4000-8000-{hex:.12}"
_BALANCERS = "arn:aws:elasticloadbalancing:{region}:{account}"
_NUMBER = "{hex32:.16}"
# A listener's ARN, and its rules', hold the load balancer's name and number, which a template can't cut out of its ARN.
_LISTENER = "app/{hex8}/" + _NUMBER + "/{hex:.16}"

_COMPUTE: Mapping[str, Kind] = {
    "aws:appautoscaling/policy:Policy": Kind(
        id="{name}",
        outputs={
            "arn": "arn:aws:autoscaling:{region}:{account}:scalingPolicy:" + _UUID + ":resource/{in[serviceNamespace]}"
            "/{in[resourceId]}:policyName/{name}"
        },
        absent=frozenset({"alarmArns"}),
        defaults={"policyType": "StepScaling"},
        autoname="name",
        tags=False,
    ),
    "aws:appautoscaling/target:Target": Kind(
        id="{in[resourceId]}",
        outputs={"arn": "arn:aws:application-autoscaling:{region}:{account}:scalable-target/{hex32}"},
        answers={
            "roleArn": "arn:aws:iam::{account}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/"
            "AWSServiceRoleForApplicationAutoScaling_ECSService"
        },
    ),
    "aws:cloudwatch/dashboard:Dashboard": Kind(
        id="{in[dashboardName]}",
        outputs={"dashboardArn": "arn:aws:cloudwatch::{account}:dashboard/{in[dashboardName]}"},
        tags=False,
        # Dashboards have no region: two stacks of one account share their names.
        unique="dashboardName",
        unique_scope="account",
        collision="the stand-in's own word: PutDashboard would overwrite the dashboard {name} of another stack",
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Kind(
        id="{name}",
        outputs={"arn": "arn:aws:cloudwatch:{region}:{account}:alarm:{name}"},
        defaults={"actionsEnabled": True, "treatMissingData": "missing"},
        autoname="name",
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": Kind(
        id="{in[repository]}", outputs={"registryId": "{account}"}, tags=False
    ),
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": Kind(
        id="{account}", outputs={"registryId": "{account}"}, tags=False
    ),
    "aws:ecr/repository:Repository": Kind(
        id="{name}",
        outputs={
            "arn": "arn:aws:ecr:{region}:{account}:repository/{name}",
            "registryId": "{account}",
            "repositoryUrl": "{account}.dkr.ecr.{region}.amazonaws.com/{name}",
        },
        defaults={"imageTagMutability": "MUTABLE"},
        autoname="name",
        autoname_max=256,
        unique="name",
        collision="RepositoryAlreadyExistsException: The repository with name '{name}' already exists in the registry",
        stateful=True,
    ),
    "aws:ecs/cluster:Cluster": Kind(
        id="arn:aws:ecs:{region}:{account}:cluster/{name}",
        outputs={"arn": "arn:aws:ecs:{region}:{account}:cluster/{name}"},
        autoname="name",
    ),
    "aws:ecs/service:Service": Kind(
        id="{in[cluster]}/{name}",
        # The cluster's name is the end of its ARN, which a template can't cut out.
        outputs={"arn": "arn:aws:ecs:{region}:{account}:service/{name}"},
        answers={"iamRole": "/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS", "triggers": {}},
        defaults={
            "deploymentMaximumPercent": 200,
            "deploymentMinimumHealthyPercent": 100,
            "enableEcsManagedTags": False,
            "enableExecuteCommand": False,
            "schedulingStrategy": "REPLICA",
            "waitForSteadyState": False,
        },
        autoname="name",
        unique="name",
        unique_within="cluster",
        collision="InvalidParameterException: Creation of service was not idempotent.",
    ),
    "aws:ecs/taskDefinition:TaskDefinition": Kind(
        id="{in[family]}",
        outputs={
            "arn": "arn:aws:ecs:{region}:{account}:task-definition/{in[family]}:1",
            "arnWithoutRevision": "arn:aws:ecs:{region}:{account}:task-definition/{in[family]}",
            "revision": 1,
        },
        answers={"enableFaultInjection": False},
        defaults={"skipDestroy": False, "trackLatest": False},
    ),
}

_EDGE: Mapping[str, Kind] = {
    "aws:acm/certificate:Certificate": Kind(
        id="arn:aws:acm:{region}:{account}:certificate/" + _UUID,
        outputs={
            "arn": "arn:aws:acm:{region}:{account}:certificate/" + _UUID,
            # The same for a name in every region of an account.
            "domainValidationOptions": [
                {
                    "domainName": "{in[domainName]}",
                    "resourceRecordName": "_{account}.{in[domainName]}.",
                    "resourceRecordType": "CNAME",
                    "resourceRecordValue": "_{account}.acm-validations.aws.",
                }
            ],
            "notAfter": "",
            "notBefore": "",
            "pendingRenewal": False,
            "renewalEligibility": "INELIGIBLE",
            "status": "PENDING_VALIDATION",
            "type": "AMAZON_ISSUED",
        },
        answers={"keyAlgorithm": "RSA_2048"},
        absent=frozenset({"renewalSummaries", "validationEmails"}),
    ),
    "aws:acm/certificateValidation:CertificateValidation": Kind(id="2026-01-01 00:00:00 +0000 UTC{hex8}", tags=False),
    "aws:lb/listener:Listener": Kind(
        id=_BALANCERS + ":listener/" + _LISTENER,
        outputs={"arn": _BALANCERS + ":listener/" + _LISTENER},
        answers={"protocol": "HTTP", "routingHttpResponseServerEnabled": True},
    ),
    "aws:lb/listenerRule:ListenerRule": Kind(
        id=_BALANCERS + ":listener-rule/" + _LISTENER,
        outputs={"arn": _BALANCERS + ":listener-rule/" + _LISTENER},
        unique="priority",
        unique_within="listenerArn",
        collision="PriorityInUse: Priority '{name}' is currently in use",
    ),
    "aws:lb/loadBalancer:LoadBalancer": Kind(
        id=_BALANCERS + ":loadbalancer/app/{name}/" + _NUMBER,
        outputs={
            "arn": _BALANCERS + ":loadbalancer/app/{name}/" + _NUMBER,
            "arnSuffix": "app/{name}/" + _NUMBER,
            "dnsName": "{name}-{number}.{region}.elb.amazonaws.com",
            "vpcId": "vpc-{hex}",
            "zoneId": "Z35SXDOTRQ7X7K",
        },
        answers={"ipAddressType": "ipv4"},
        defaults={
            "clientKeepAlive": 3600,
            "desyncMitigationMode": "defensive",
            "dropInvalidHeaderFields": False,
            "enableDeletionProtection": False,
            "enableHttp2": True,
            "enableTlsVersionAndCipherSuiteHeaders": False,
            "enableWafFailOpen": False,
            "enableXffClientPort": False,
            "enableZonalShift": False,
            "idleTimeout": 60,
            "loadBalancerType": "application",
            "preserveHostHeader": False,
            "xffHeaderProcessingMode": "append",
        },
        autoname="name",
        autoname_max=32,
        unique="name",
        collision="DuplicateLoadBalancerName: A load balancer with the same name '{name}' exists, but with different "
        "settings",
        guard="enableDeletionProtection",
        guarded="OperationNotPermitted: Load balancer cannot be deleted because deletion protection is enabled",
    ),
    "aws:lb/targetGroup:TargetGroup": Kind(
        id=_BALANCERS + ":targetgroup/{name}/" + _NUMBER,
        outputs={
            "arn": _BALANCERS + ":targetgroup/{name}/" + _NUMBER,
            "arnSuffix": "targetgroup/{name}/" + _NUMBER,
        },
        answers={
            "ipAddressType": "ipv4",
            "loadBalancingAlgorithmType": "round_robin",
            "loadBalancingAnomalyMitigation": "off",
            "loadBalancingCrossZoneEnabled": "use_load_balancer_configuration",
            "protocolVersion": "HTTP1",
        },
        defaults={
            "deregistrationDelay": 300,
            "lambdaMultiValueHeadersEnabled": False,
            "proxyProtocolV2": False,
            "slowStart": 0,
            "targetType": "instance",
        },
        absent=frozenset({"loadBalancerArns"}),
        autoname="name",
        autoname_max=32,
        unique="name",
        collision="DuplicateTargetGroupName: A target group with the same name '{name}' exists, but with different "
        "settings",
    ),
    "aws:route53/record:Record": Kind(
        id="{in[zoneId]}_{in[name]}_{in[type]}{half}",
        outputs={"fqdn": "{in[name]}"},
        tags=False,
        regional=False,
    ),
    "aws:wafv2/webAcl:WebAcl": Kind(
        id=_UUID,
        outputs={
            "arn": "arn:aws:wafv2:{region}:{account}:{reach}/webacl/{name}/" + _UUID,
            "applicationIntegrationUrl": "",
            "capacity": 1150,
            "lockToken": _UUID,
        },
        autoname="name",
        autoname_max=128,
        unique="name",
        unique_within="scope",
        collision="WAFDuplicateItemException: AWS WAF couldn't perform the operation because some resource in your "
        "request is a duplicate of an existing one.",
    ),
    "aws:wafv2/webAclAssociation:WebAclAssociation": Kind(id="{in[webAclArn]},{in[resourceArn]}", tags=False),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": Kind(id="{in[resourceArn]}", tags=False),
}


def _of_bucket(kind: str) -> tuple[str, Kind]:
    """Give a part of a bucket that goes by the bucket's name."""
    return f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}", Kind(id="{in[bucket]}", tags=False)


_STORAGE: Mapping[str, Kind] = {
    "aws:s3/bucket:Bucket": Kind(
        id="{name}",
        outputs={
            # The one ARN without region and account: all buckets share one space of names.
            "arn": "arn:aws:s3:::{name}",
            "bucketDomainName": "{name}.s3.amazonaws.com",
            "bucketRegion": "{region}",
            "bucketRegionalDomainName": "{name}.s3.{region}.amazonaws.com",
            "hostedZoneId": "Z3AQBSTGFYJSTF",
        },
        answers={"requestPayer": "BucketOwner"},
        defaults={"forceDestroy": False},
        absent=frozenset({"websiteDomain", "websiteEndpoint"}),
        autoname="bucket",
        autoname_max=63,
        unique="bucket",
        unique_scope="account",
        collision="BucketAlreadyOwnedByYou: Your previous request to create the named bucket succeeded and you already "
        "own it.",
        stateful=True,
    ),
    **dict(
        _of_bucket(kind)
        for kind in (
            "BucketLifecycleConfiguration",
            "BucketOwnershipControls",
            "BucketPolicy",
            "BucketPublicAccessBlock",
            "BucketReplicationConfig",
            "BucketServerSideEncryptionConfiguration",
            "BucketVersioning",
        )
    ),
    "aws:sqs/queue:Queue": Kind(
        id="https://sqs.{region}.amazonaws.com/{account}/{name}",
        outputs={
            "arn": "arn:aws:sqs:{region}:{account}:{name}",
            "url": "https://sqs.{region}.amazonaws.com/{account}/{name}",
        },
        answers={"kmsDataKeyReusePeriodSeconds": 300, "sqsManagedSseEnabled": False},
        defaults={
            "contentBasedDeduplication": False,
            "delaySeconds": 0,
            "fifoQueue": False,
            "messageRetentionSeconds": 345600,
            "receiveWaitTimeSeconds": 0,
            "visibilityTimeoutSeconds": 30,
        },
        autoname="name",
        autoname_max=80,
        unique="name",
        collision="QueueAlreadyExists: A queue already exists with the same name and a different value for attribute",
        stateful=True,
    ),
    "aws:sqs/queuePolicy:QueuePolicy": Kind(id="{in[queueUrl]}", tags=False),
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": Kind(id="{in[queueUrl]}", tags=False),
}

SERVICE: Mapping[str, Kind] = {**_COMPUTE, **_EDGE, **_STORAGE}
