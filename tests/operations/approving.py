"""A person who plans and deploys commits of a checkout, in the fake world."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from operations.deploy.deploy import deploy, drift, plan
from operations.deploy.saved_plan import parse_plan
from operations.frame.errors import ExitCode
from tests.delivery.repository import commit, git
from tests.operations.deploying import Deployer
from tests.operations.fake.plans import PlanningPulumi, StateBucket
from tests.operations.fake.pulumi import FakeEngine
from tests.operations.fake.wire import Fault


@dataclass(kw_only=True)
class Approver(Deployer):
    """A terminal in a checkout with one commit."""

    bucket: StateBucket = field(default_factory=StateBucket)
    engine: PlanningPulumi = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.pulumi = self.engine = PlanningPulumi(wire=self.world.wire, bucket=self.bucket)
        self.world.wire.raw = {**self.world.wire.raw, **self.bucket.handlers()}
        git(self.folder, "init", "--quiet")
        self.commit()

    @property
    def engines(self) -> Sequence[FakeEngine]:
        return ()

    def plan(self, fault: Fault | None = None) -> ExitCode:
        return self.run(plan, fault)

    def deploy(self, approved: str | None = None, fault: Fault | None = None) -> ExitCode:
        """Deploy the plan with a fingerprint; by default the one that is saved."""
        wanted = self.fingerprint() if approved is None else approved
        return self.run(lambda context: deploy(context, wanted), fault)

    def drift(self) -> ExitCode:
        return self.run(drift)

    def fingerprint(self) -> str:
        """Return the fingerprint of the saved plan of the commit, or another one if there is none."""
        body = self.bucket.plans.get(f"plans/{self.stack}/{self.head()}.json")
        return "0" * 64 if body is None else parse_plan(body).fingerprint

    def commit(self) -> None:
        commit(self.folder)

    def head(self) -> str:
        return git(self.folder, "rev-parse", "HEAD").strip()
