"""The scenes of the drill, in order. Each command must end as the scene says, and ask the lost region nothing.

`SCENES` is one story with one pair of stacks: a scene goes on where the one before it ended.
"""

from collections.abc import Callable, Sequence

from operations.frame.errors import ExitCode
from settings.load import load_file
from tests.drill.drill import LOST, Drill

TICKET, CHANGE = "incident-7", "change-1042"
APPROVER = "Robin Park"
DEVOPS = "taskflow-devops"
ON_CALL = "AWSReservedSSO_OnCall_0123456789abcdef"
# As in the table of docs/runbooks/recovery.md.
PRODUCTION_LOST, PRODUCTION_REACHABLE = "the region, production lost", "the region, production reachable"
RETURN = "the return to production"
# Requests in a minute that fail with a bad release, of 600.
FAILING = 30
# As decision 0046 counts: until the alert and the answer to it, and until the decision.
ALERT_AND_RESPONSE, DECISION = 20, 10


def both_stacks_up(drill: Drill) -> None:
    """Deploy both stacks, and release v1.0.0 in both."""
    say = drill.transcript.say
    drill.transcript.heading("1. Both stacks are up")
    say("Nothing exists. Pulumi creates production in us-east-1, then dr in us-west-2, whose database replicates it.")
    drill.be(DEVOPS, CHANGE)
    for stack in ("production", "dr"):
        drill.preview(stack)
        drill.up(stack)
    say("A build pushes v1.0.0; ECR copies it to us-west-2.")
    drill.push("v1.0.0")
    drill.taskflow("taskflow release v1.0.0")
    drill.taskflow("taskflow release v1.0.0 --stack dr")
    drill.deployed()
    drill.wait(60)
    say("An hour later:")
    drill.taskflow("taskflow dr status")


def region_lost(drill: Drill) -> None:
    """Lose us-east-1, and promote dr."""
    say = drill.transcript.say
    drill.transcript.heading("2. us-east-1 is lost")
    drill.lose()
    lost_at = drill.world.clock.now()
    say(
        f"At {lost_at:%H:%M:%S} UTC nothing in us-east-1 answers any more, neither commands nor Pulumi's providers, "
        "and no control plane of IAM, Route 53 and CloudFront. "
        f"{ALERT_AND_RESPONSE} minutes later a person has been paged and declares the incident, in dr:"
    )
    drill.wait(ALERT_AND_RESPONSE)
    drill.be(DEVOPS, TICKET)
    drill.taskflow('taskflow incident start --severity SEV1 "us-east-1 is lost" --stack dr')
    say("The readiness is the one command that asks us-east-1: once, for what only production knows.")
    drill.taskflow("taskflow dr status", may_ask=True)
    drill.wait(DECISION)
    say(f"{DECISION} minutes later the tech lead has decided:")
    drill.taskflow(f'taskflow dr promote --accept-loss --approved-by "{APPROVER}"')
    drill.finish_promotion(PRODUCTION_LOST, TICKET, lost_at)
    settings = load_file(drill.folder, "dr")
    assert settings.rds.promoted
    assert settings.load_balancer.origin_takes_traffic
    say("`Pulumi.dr.yaml` has changed, and is committed. No provider's call to us-east-1 was made, let alone refused.")


def work_in_recovery(drill: Drill) -> None:
    """Operate dr while us-east-1 is lost: release, alarm, rollback, scaling, audit, database."""
    say, world = drill.transcript.say, drill.recovery
    drill.transcript.heading("3. Work goes on in us-west-2")
    say("The smoke test of dr, as the last line of the promotion advises:")
    drill.taskflow("taskflow smoke --stack dr")
    say("A build pushes v1.1.0 to us-west-2's registry itself. The release turns out to be bad: 5 % of requests fail.")
    drill.push("v1.1.0", worlds=(world,))
    drill.taskflow("taskflow release v1.1.0 --stack dr")
    drill.alarms.failing = FAILING
    drill.wait(10)
    say("Ten minutes later dr's own alarms are on:")
    drill.taskflow("taskflow incident start --stack dr")
    say("It is rolled back:")
    drill.taskflow("taskflow rollback --stack dr")
    drill.alarms.failing = 0
    assert world.running == "v1.0.0"
    drill.wait(10)
    say("Production's load arrives, and the scaling policy adds tasks within the bounds that the promotion has set.")
    assert (world.scaling.minimum, world.ecs.desired) == (4, 4)
    for _ in range(2):
        world.scaling.react()
        drill.wait(5)
    assert world.ecs.desired == 6
    say(f"{world.ecs.desired} tasks run. An `up` undoes neither that nor the release:")
    drill.up("dr")
    assert (world.ecs.desired, world.running) == (6, "v1.0.0")
    say("The readiness names what is left to do. The copies of production's backups have stopped with it.")
    drill.taskflow("taskflow dr status", code=ExitCode.CHECK_FAILED, may_ask=True)
    say("The audit records of the region, of commands here:")
    drill.taskflow("taskflow audit query --since 2h --event operation --stack dr")
    say(
        "A person on call reads the database, through the access task in us-west-2. psql is a fake, and prints nothing."
    )
    drill.be(ON_CALL, "alice@example.com")
    drill.taskflow(f'taskflow db connect --stack dr --ticket {TICKET} --approved-by "{APPROVER}" -- -f slow-tasks.sql')
    assert drill.machine.left_behind == []
    drill.be(DEVOPS, TICKET)
    say("All of it is in the incident's timeline, which the post-mortem gets:")
    drill.taskflow(f"taskflow incident show {TICKET} --stack dr")


def region_returns(drill: Drill) -> None:
    """Let us-east-1 return: its tasks run, and must not write."""
    say = drill.transcript.say
    drill.transcript.heading("4. us-east-1 returns")
    drill.restore()
    drill.wait(5)
    say(f"{LOST} answers again, and so do production's tasks, which have the old database. No user moves.")
    drill.taskflow("taskflow dr status", code=ExitCode.CHECK_FAILED)
    say("The first command ends that:")
    drill.taskflow("taskflow dr fence")
    assert not drill.world.ecs.has_tasks
    drill.taskflow("taskflow dr status")
    say("An `up` of production doesn't raise its tasks again:")
    drill.up("production")
    assert (drill.world.ecs.desired, drill.world.scaling.maximum) == (0, 0)


def users_return(drill: Drill) -> None:
    """Return to production by a new database, and let dr stand by again."""
    say = drill.transcript.say
    drill.transcript.heading("5. Users return to production")
    say("First all that takes long. Users notice nothing of it:")
    drill.taskflow(f'taskflow dr failback --approved-by "{APPROVER}"')
    drill.wait(60)
    say("`Pulumi.production.yaml` is committed. In the window that was announced:")
    drill.taskflow("taskflow dr failback")
    drill.finish_return(RETURN)
    production, recovery = (load_file(drill.folder, stack).rds for stack in ("production", "dr"))
    assert drill.world.written() == {production.serving_identifier()} == {"taskflow-production-2"}
    assert (drill.recovery.hosts(), drill.recovery.written()) == ({recovery.serving_identifier()}, frozenset())
    say("Both stack files have changed, and are committed. Production serves.")
    drill.wait(60)
    say("dr can take over again. Of the new database it has no weekly snapshot before the next one:")
    drill.taskflow("taskflow dr status", code=ExitCode.CHECK_FAILED)
    say("Nothing is left to deploy in either stack:")
    for stack in ("production", "dr"):
        drill.up(stack)
    drill.taskflow(f"taskflow incident show {TICKET} --stack dr")


# The story, in order.
SCENES: Sequence[Callable[[Drill], None]] = (
    both_stacks_up, region_lost, work_in_recovery, region_returns, users_return,
)  # fmt: skip


def graceful(drill: Drill) -> None:
    """Let dr take over from a production that answers. A story of its own, from the end of `both_stacks_up` on."""
    say = drill.transcript.say
    drill.transcript.heading("Another day: us-east-1 still answers")
    say("From the end of scene 1 on. Production's writes stop first, so that nothing is lost.")
    drill.be(DEVOPS, TICKET)
    drill.taskflow('taskflow incident start --severity SEV1 "us-east-1 is unstable" --stack dr')
    began_at = drill.world.clock.now()
    drill.taskflow(f'taskflow dr promote --graceful --approved-by "{APPROVER}"')
    drill.finish_promotion(PRODUCTION_REACHABLE, TICKET, began_at)
    drill.taskflow("taskflow dr status")
    assert drill.writes.both == []
