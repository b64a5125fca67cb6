"""The pack: its rules' metadata, its imports, and one run of the real process."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import grpc
import pytest
import yaml
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi_policy import Policy, ResourceValidationPolicy, StackValidationPolicy

from policies.engine.rule import ResourceRule
from policies.pack import NAME, policies
from policies.rules import RULES
from tests.policies.compliant.stack import compliant
from tests.policies.plan import Plan, Ref
from tests.policies.wire import resource_requests, stack_request

PROJECT = Path(__file__).resolve().parents[2]
PACK = PROJECT / "policies"

# The document's headings.
SECTIONS = {
    "Production Architecture",
    "Environment Details",
    "CDN (CloudFront)",
    "Database (RDS PostgreSQL)",
    "Cache (ElastiCache Redis)",
    "Access Controls",
    "Database Access",
    "IAM Roles",
    "Monitoring & Alerting",
    "Alert Configuration",
    "Severity Levels",
    "Emergency Access",
    "Incident Response",
    "Data Handling",
    "Security Configuration",
    "Security Groups",
    "WAF Rules",
    "Backup & Recovery",
    "Backup Schedule",
    "Audit Logging",
    "Deployment Checklist",
    "Compute (ECS Fargate)",
    "Deployment Commands",
}


def test_rule_ids_are_unique() -> None:
    """For messages and exemptions: kebab-case, beginning with the chapter, and never "all"."""
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))
    for rule in RULES:
        assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", rule.id), rule.id
    assert not {"all", "exemptions"} & set(ids), "the engine's keyword, and the pack's rule about exemptions"


def test_rules_have_a_section_a_description_and_a_remedy() -> None:
    for rule in RULES:
        assert rule.section in SECTIONS, rule.id
        assert rule.description, rule.id
        assert rule.remedy.endswith("."), f"{rule.id}: a sentence with the change to make"


def test_controls_have_the_form_of_an_identifier() -> None:
    """Of AWS Foundational Security Best Practices, or of the CIS AWS Foundations Benchmark."""
    for rule in RULES:
        for control in rule.controls:
            assert re.fullmatch(r"[A-Za-z][A-Za-z0-9]*\.\d+|CIS \d+(\.\d+)+", control), rule.id


def test_each_rule_is_one_policy_of_its_kind() -> None:
    """A resource policy stops an `up` before the resource is created; a stack policy reads the whole stack."""
    by_name: Mapping[str, Policy] = {policy.name: policy for policy in policies()}
    assert by_name.keys() == {rule.id for rule in RULES} | {"exemptions"}
    for rule in RULES:
        kind = ResourceValidationPolicy if isinstance(rule, ResourceRule) else StackValidationPolicy
        assert isinstance(by_name[rule.id], kind), rule.id


def test_no_policy_lowers_its_level() -> None:
    """The pack is mandatory as a whole."""
    assert {policy.enforcement_level for policy in policies()} == {None}


def test_no_module_shadows_the_standard_library() -> None:
    """The engine puts this folder first on the path: a logging.py here would replace the standard one."""
    names = {path.stem for path in PACK.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert not (names - {"__init__", "__main__"}) & sys.stdlib_module_names


def test_pack_file_starts_with_and_without_an_official_install() -> None:
    runtime = yaml.safe_load((PACK / "PulumiPolicy.yaml").read_text(encoding="utf-8"))["runtime"]
    assert runtime == {"name": "python", "options": {"toolchain": "pip", "virtualenv": "../.venv"}}


def test_pack_imports_nothing_of_the_program() -> None:
    """The same mistake can't be in both, and the pack starts without the seconds that the SDK takes."""
    code = (
        "import sys; import policies.pack, policies.engine.export; "
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert not {"components", "settings", "sandbox", "operations", "pulumi_aws", "pulumi_awsx"} & set(
        found.stdout.split()
    )


@pytest.fixture(scope="module")
def analyzer() -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    """Start the pack as the engine does: in a separate process, with its path as the argument."""
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(PACK)]
    with subprocess.Popen(command, cwd=PACK, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield analyzer_pb2_grpc.AnalyzerStub(channel)
        process.terminate()


def test_started_pack_is_mandatory(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    info = cast("analyzer_pb2.AnalyzerInfo", analyzer.GetAnalyzerInfo(empty_pb2.Empty(), timeout=30))
    assert info.name == NAME
    assert {policy.name for policy in info.policies} == {rule.id for rule in RULES} | {"exemptions"}
    assert {policy.enforcementLevel for policy in info.policies} == {analyzer_pb2.MANDATORY}


def test_started_pack_judges_a_resource(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    """Over gRPC a number is a float, and an unknown becomes the engine's advisory."""
    plan = compliant()
    plan.set("SecurityGroupIngressRule alb", "fromPort", 22)
    plan.set("Subnet data-1", "mapPublicIpOnLaunch", Ref(to="Vpc main"))
    [rule] = _analyzed(analyzer, plan, "SecurityGroupIngressRule alb")
    assert (rule.policyName, rule.enforcementLevel) == ("network-open-ingress", analyzer_pb2.MANDATORY)
    assert "network-open-ingress: alb: ingress of tcp 22-443 from 0.0.0.0/0; allowed:" in rule.message
    [subnet] = _analyzed(analyzer, plan, "Subnet data-1")
    assert (subnet.policyName, subnet.enforcementLevel) == ("network-public-addresses", analyzer_pb2.ADVISORY)
    assert ".mapPublicIpOnLaunch can't be known during preview" in subnet.message


def test_started_pack_judges_a_preview(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    """Over gRPC relations are decided with unknown ids too, and each violation has its resource."""
    plan = compliant()
    assert _analyzed_stack(analyzer, plan) == []
    plan.set("SecurityGroupIngressRule database", "referencedSecurityGroupId", Ref(to="SecurityGroup alb"))
    assert {(each.policyName, each.urn) for each in _analyzed_stack(analyzer, plan)} == {
        ("network-ingress-chain", plan.urn("SecurityGroupIngressRule database")),
        ("network-ingress-chain", plan.urn("SecurityGroup database")),
    }


def _analyzed(analyzer: analyzer_pb2_grpc.AnalyzerStub, plan: Plan, key: str) -> list[analyzer_pb2.AnalyzeDiagnostic]:
    (request,) = (each for each in resource_requests(plan.states("preview")) if each.urn == plan.urn(key))
    return list(cast("analyzer_pb2.AnalyzeResponse", analyzer.Analyze(request, timeout=30)).diagnostics)


def _analyzed_stack(analyzer: analyzer_pb2_grpc.AnalyzerStub, plan: Plan) -> list[analyzer_pb2.AnalyzeDiagnostic]:
    request = stack_request(plan.states("preview"))
    return list(cast("analyzer_pb2.AnalyzeResponse", analyzer.AnalyzeStack(request, timeout=30)).diagnostics)
