"""Each resource is charged for the quantities that were computed by hand, at the right price."""

import pytest

from reports.cost.estimate import MissingPricesError
from reports.cost.lines import GB, HOURS, SECONDS, WEEKS
from tests.reports.cost.made_up import (
    primary,
    quantities,
    redis,
    replica,
    resource,
    service,
    state,
    vpc,
)

A_MONTH = pytest.approx(730)


def test_a_vpc_pays_for_gateways_addresses_and_endpoints() -> None:
    endpoints = [
        resource("aws:ec2/vpcEndpoint:VpcEndpoint", "kms", vpcEndpointType="Interface", subnetIds=["a", "b"],
                 serviceName="com.amazonaws.us-east-1.kms"),
        resource("aws:ec2/vpcEndpoint:VpcEndpoint", "s3", vpcEndpointType="Gateway"),
    ]  # fmt: skip
    assert quantities(state(*vpc(gateways=1), *endpoints), outbound_gb=50, idle_gb=1) == {
        "NAT gateway": ("nat.hour", A_MONTH),
        "data through the NAT gateways": ("nat.gb", 50),
        "transfer to the internet": ("transfer.internet", 50),
        "public IPv4 addresses": ("ipv4.hour", A_MONTH),
        "interface endpoints": ("endpoint.hour", 2 * 730),
        "data through the endpoints": ("endpoint.gb", 1),
    }


def test_a_load_balancer_pays_for_its_largest_dimension() -> None:
    balancer = resource("aws:lb/loadBalancer:LoadBalancer", "origin", subnets=["a", "b"])
    # 450 requests/s × 4,000 B × 3,600 s = 6.035 GB an hour; new connections: 450 / 20 / 25 = 0.9.
    figures = {"requests_per_second": 450, "request_bytes": 1000, "response_bytes": 3000}
    found = quantities(state(balancer), **figures, edge_connection_requests=20)
    assert found["capacity units"] == ("elb.lcu", pytest.approx(450 * 4000 * 3600 / GB * 730))
    assert found["public IPv4 addresses"] == ("ipv4.hour", 2 * 730)
    # Without reuse, 450 connections a second are 18 units, and 27,000 open ones are 9.
    found = quantities(state(balancer), **figures, edge_connection_requests=1)
    assert found["capacity units"] == ("elb.lcu", pytest.approx(18 * 730))


def test_only_rules_above_ten_are_evaluated_at_a_price() -> None:
    balancer = resource("aws:lb/loadBalancer:LoadBalancer", "origin", subnets=["a"])
    rules = [resource("aws:lb/listenerRule:ListenerRule", f"rule-{number}") for number in range(60)]
    found = quantities(state(balancer, *rules), requests_per_second=450, edge_connection_requests=1000)
    assert found["capacity units"] == ("elb.lcu", pytest.approx(450 * (60 - 10) / 1000 * 730))


def test_the_service_pays_for_tasks_metrics_and_traffic_between_zones() -> None:
    found = quantities(
        state(*service(tasks=4)),
        requests_per_second=450,
        database_bytes=6000,
        cache_bytes=4000,
        other_zone_share=0.5,
    )
    assert found == {
        "tasks: vCPU": ("fargate.vcpu", 4 * 730),
        "tasks: memory": ("fargate.memory", 4 * 2 * 730),
        "transfer between zones": ("transfer.zones", pytest.approx(450 * SECONDS * 10_000 / 2 / GB)),
        # 24 metrics by cluster, service and family and twice for each task, and 7 others.
        "Container Insights": ("insights.metric", 24 * (3 + 2 * 4) + 7),
    }


def test_a_one_off_task_pays_for_its_hours_and_its_disk() -> None:
    export = resource("aws:ecs/taskDefinition:TaskDefinition", "export", out_arn="export", cpu="1024", memory="2048",
                      ephemeralStorage={"sizeInGib": 200})  # fmt: skip
    assert quantities(state(export), one_off_task_hours=4) == {
        "one-off tasks: vCPU": ("fargate.vcpu", 4),
        "one-off tasks: memory": ("fargate.memory", 8),
        "one-off tasks: storage": ("fargate.storage", 4 * 180),
    }


def test_the_database_pays_for_its_standby_its_replicas_and_backups_beyond_its_size() -> None:
    # 450 × 0.2 writes of 2,000 B are 440.6 GB of log a month; 30 days are 30 / (365 / 12) months.
    log, months = 450 * 0.2 * SECONDS * 2000 / GB, 30 / (365 / 12)
    figures = {"requests_per_second": 450, "write_share": 0.2, "wal_bytes_per_write": 2000, "database_used_gb": 120,
               "changed_gb_per_week": 12}  # fmt: skip
    assert quantities(state(primary()), **figures) == {
        "instance": ("rds.postgres.multi-az.db.r6g.large", 730),
        "storage": ("rds.storage.multi-az.gp3", 200),
        "automated backups": ("rds.backup", pytest.approx(120 + months * (12 * WEEKS + log) - 200)),
    }
    found = quantities(state(primary(), replica()), **figures)
    assert found["instance"] == ("rds.postgres.single-az.db.r6g.large", 730)
    assert found["storage"] == ("rds.storage.single-az.gp3", 200)


def test_a_replica_in_another_region_gets_the_log_at_the_price_of_its_sources_region() -> None:
    there = state(replica(region="us-west-2", source="arn:aws:rds:us-east-1:1:db:primary"), stack="dr")
    found = quantities(there, state(primary()), requests_per_second=1, write_share=1, wal_bytes_per_write=GB)
    assert found["replication"] == ("transfer.regions", pytest.approx(SECONDS))


def test_weekly_snapshots_are_kept_here_and_there() -> None:
    copy = {"destinationVaultArn": "arn:aws:backup:us-west-2:1:backup-vault:v", "lifecycle": {"deleteAfter": 49}}
    rule = {"lifecycle": {"deleteAfter": 91}, "copyActions": [copy]}
    plan = resource("aws:backup/plan:Plan", "weekly", id_="plan", rules=[rule])
    figures = {"database_used_gb": 120, "changed_gb_per_week": 12}
    assert not quantities(state(plan), **figures), "nothing is selected"
    selection = resource("aws:backup/selection:Selection", planId="plan", resources=["arn"])
    assert quantities(state(plan, selection), **figures) == {
        "weekly snapshots": ("rds.backup", 120 + 12 * 12),
        "copies of snapshots": ("rds.backup", 120 + 6 * 12),
        "copying of snapshots": ("transfer.regions", pytest.approx(12 * WEEKS)),
    }


def test_a_restore_test_runs_an_instance_until_it_is_validated() -> None:
    selection = resource("aws:backup/restoreTestingSelection:RestoreTestingSelection", validationWindowHours=4,
                         protectedResourceArns=["arn:aws:rds:us-east-1:1:db:primary"])  # fmt: skip
    found = quantities(state(primary(), selection))
    assert found["restored instances"] == ("rds.postgres.single-az.db.r6g.large", pytest.approx(WEEKS * 5))
    assert found["restored storage"] == ("rds.storage.single-az.gp3", pytest.approx(200 * WEEKS * 5 / HOURS))
    assert found["restore tests"] == ("backup.restore-test", pytest.approx(WEEKS))


def test_redis_pays_for_every_node_and_all_snapshots_but_one() -> None:
    assert quantities(state(redis(shards=2, replicas=1)), cache_data_gb=8) == {
        "nodes": ("elasticache.redis.cache.r6g.large", 2 * 2 * 730),
        "snapshots": ("elasticache.backup", 6 * 8),
    }


def test_the_edge_pays_for_requests_and_bytes() -> None:
    api = resource("aws:cloudfront/distribution:Distribution", "api", region="")
    web = resource("aws:cloudfront/distribution:Distribution", "web", region="", defaultRootObject="index.html",
                   defaultCacheBehavior={"functionAssociations": [{"eventType": "viewer-request"}]})  # fmt: skip
    figures = {"requests_per_second": 450, "response_bytes": 5000, "request_bytes": 1000,
               "file_read_share": 0.01, "file_bytes": 200_000}  # fmt: skip
    # 450 × 2,628,000 s = 1,182.6 million; a hundredth of them also reads a file: 5,000 + 2,000 B.
    assert quantities(state(api), **figures) == {
        "HTTPS requests": ("cloudfront.requests", pytest.approx(1182.6)),
        "transfer to users": ("cloudfront.transfer", pytest.approx(1182.6e6 * 7000 / GB)),
        "transfer to the origin": ("cloudfront.origin", pytest.approx(1182.6e6 * 1000 / GB)),
    }
    # 1,234 users × 2 page loads × 730 h × 10 files = 18.0164 million.
    figures = {
        "active_users": 1234,
        "page_loads_per_user_and_hour": 2,
        "files_per_page_load": 10,
        "asset_bytes": 60_000,
    }
    assert quantities(state(web), **figures) == {
        "HTTPS requests": ("cloudfront.requests", pytest.approx(18.0164)),
        "transfer to users": ("cloudfront.transfer", pytest.approx(18.0164e6 * 60_000 / GB)),
        "function": ("cloudfront.function", pytest.approx(18.0164)),
    }


def test_a_web_acl_pays_for_itself_its_rules_and_the_requests_of_its_scope() -> None:
    figures = {
        "requests_per_second": 100,
        "active_users": 1,
        "page_loads_per_user_and_hour": 1,
        "files_per_page_load": 10,
    }
    edge = resource(
        "aws:wafv2/webAcl:WebAcl", "edge", scope="CLOUDFRONT", rules=[{"name": "a"}, {"name": "b"}, {"name": "c"}]
    )
    found = quantities(state(edge), **figures)
    assert found["web ACL"] == ("waf.acl", 1)
    assert found["rules"] == ("waf.rule", 3)
    assert found["inspected requests"] == ("waf.requests", pytest.approx((100 * SECONDS + 7300) / 1e6))
    origin = resource("aws:wafv2/webAcl:WebAcl", "origin", scope="REGIONAL", rules=[])
    assert quantities(state(origin), **figures)["inspected requests"] == (
        "waf.requests",
        pytest.approx(100 * SECONDS / 1e6),
    )


def test_health_checks_reach_the_stack_whose_name_they_ask_for() -> None:
    check = resource("aws:route53/healthCheck:HealthCheck", "check", region="", type="HTTPS", fqdn="standby.example",
                     requestInterval=10)  # fmt: skip
    there = state(
        resource(
            "aws:route53/record:Record", "standby", region="", type="CNAME", name="standby.example", records=["lb"]
        ),
        resource("aws:lb/loadBalancer:LoadBalancer", "origin", out_dnsName="lb", subnets=["a"]),
        resource("aws:wafv2/webAcl:WebAcl", "origin", scope="REGIONAL", rules=[]),
        stack="dr",
    )
    found = quantities(state(check), there, health_checkers=16, edge_connection_requests=1, dns_queries_per_record=2)
    # 16 checkers every 10 s: 1.6 requests and new connections a second.
    assert found["inspected requests"] == ("waf.requests", pytest.approx(1.6 * SECONDS / 1e6))
    assert found["capacity units"] == ("elb.lcu", pytest.approx(1.6 / 25 * 730))
    assert found["health checks"] == ("route53.check", 1)
    assert found["options of health checks"] == ("route53.check-option", 2)
    assert found["DNS queries"] == ("route53.queries", 2)


def test_alarms_pay_for_each_metric() -> None:
    kind = "aws:cloudwatch/metricAlarm:MetricAlarm"
    metric = {"metric": {"period": 60}}
    assert quantities(state(resource(kind, period=60)))["alarms"] == ("cloudwatch.alarm", 1)
    assert quantities(state(resource(kind, metricQueries=[metric, metric, {"expression": "a / b"}])))["alarms"] == (
        "cloudwatch.alarm",
        2,
    )
    assert quantities(state(resource(kind, period=10)))["alarms"] == ("cloudwatch.alarm-high-resolution", 1)


def test_logs_pay_for_what_comes_in_what_is_kept_masked_and_delivered() -> None:
    group = resource("aws:cloudwatch/logGroup:LogGroup", "audit-records", name="/audit", retentionInDays=73)
    policy = resource("aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy", logGroupName="/audit")
    stream = resource("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", out_arn="stream")
    filter_ = resource("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", logGroup="/audit",
                       destinationArn="stream")  # fmt: skip
    gb = 450 * 0.5 * SECONDS * 300 / GB
    found = quantities(
        state(group, policy, stream, filter_),
        requests_per_second=450,
        audit_share=0.5,
        audit_record_bytes=300,
        log_compression=0.15,
    )
    assert found == {
        "log ingestion": ("logs.ingestion", pytest.approx(gb)),
        # 73 days are 2.4 months.
        "log storage": ("logs.storage", pytest.approx(gb * 2.4 * 0.15)),
        "masking of personal data": ("logs.masking", pytest.approx(gb)),
        "delivery to the archive": ("firehose.ingestion", pytest.approx(gb * 0.15)),
        "decompression": ("firehose.decompression", pytest.approx(gb)),
    }


def test_logs_of_waf_cost_only_without_a_filter() -> None:
    """A full log of 450 requests a second is 2.2 TB a month; blocked and counted requests are included in the price."""
    group = resource("aws:cloudwatch/logGroup:LogGroup", "origin-web-acl", name="aws-waf-logs", retentionInDays=90)
    figures = {"requests_per_second": 450, "waf_logged_share": 0.005, "waf_log_bytes": 2000,
               "waf_free_log_gb_per_million": 0.5}  # fmt: skip
    kind = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
    destination = ["arn:aws:logs:us-east-1:1:log-group:aws-waf-logs"]
    filtered = resource(kind, logDestinationConfigs=destination, loggingFilter={"defaultBehavior": "DROP"})
    assert "log ingestion" not in quantities(state(group, filtered), **figures)
    full = resource(kind, logDestinationConfigs=destination)
    expected = 1182.6e6 * 2000 / GB - 1182.6 * 0.5
    assert quantities(state(group, full), **figures)["log ingestion"] == ("logs.vended", pytest.approx(expected))


def test_buckets_pay_by_the_age_of_their_content() -> None:
    bucket = resource("aws:s3/bucket:Bucket", "origin-logs", bucket="logs")
    kind = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    moves = [{"days": 73, "storageClass": "GLACIER_IR"}, {"days": 219, "storageClass": "DEEP_ARCHIVE"}]
    rules = resource(kind, bucket="logs", rules=[{"transitions": moves, "expiration": {"days": 292}}])
    gb = SECONDS * 100 / GB
    figures = {"requests_per_second": 1, "access_log_bytes": 100}
    # 73, 146 and 73 days; then it expires.
    found = quantities(state(bucket, rules), **figures, months_in_service=24)
    assert found["storage"] == ("s3.standard", pytest.approx(gb * 2.4))
    assert found["storage, Glacier Instant Retrieval"] == ("s3.glacier-ir", pytest.approx(gb * 4.8))
    assert found["storage, Deep Archive"] == ("s3.deep-archive", pytest.approx(gb * 2.4))
    found = quantities(state(bucket, rules), **figures, months_in_service=6)
    assert found["storage, Glacier Instant Retrieval"] == ("s3.glacier-ir", pytest.approx(gb * 3.6))
    assert "storage, Deep Archive" not in found


def test_a_key_costs_more_after_each_of_two_rotations() -> None:
    key = resource("aws:kms/key:Key", enableKeyRotation=True)
    for months, usd in ((12, 1), (13, 2), (25, 3), (84, 3)):
        assert quantities(state(key), months_in_service=months)["keys"] == ("kms.key", usd)
    assert quantities(state(resource("aws:kms/key:Key")), months_in_service=84)["keys"] == ("kms.key", 1)


def test_a_secret_pays_for_its_replicas_in_their_region() -> None:
    secret = resource("aws:secretsmanager/secret:Secret", replicas=[{"region": "us-west-2"}])
    assert quantities(state(secret)) == {"secrets": ("secrets.secret", 1), "replicas of secrets": ("secrets.secret", 1)}


def test_rules_that_are_encrypted_in_the_state_are_an_error() -> None:
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}
    with pytest.raises(MissingPricesError, match="--show-secrets"):
        quantities(state(resource("aws:wafv2/webAcl:WebAcl", scope="REGIONAL", rules=secret)))
