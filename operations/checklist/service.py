"""Whether the service may be changed: quiet alarms, no unfinished deployment, and a way back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from operations.checklist.judgement import Finding, failed, passed
from operations.checklist.subject import Subject
from operations.release.migration import is_migrating
from operations.release.record import Record, ReleaseState
from operations.release.registry import image_details
from operations.release.revision import TaskDefinition
from operations.release.service import Deployment

ALARM = "ALARM"


# Alarms.


def alarms(subject: Subject) -> Finding:
    """Check that no alarm of the stack fires, and that the deployment's alarms exist."""
    pages = subject.context.aws.cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=f"{subject.context.environment.name}-",
        # Without types CloudWatch returns metric alarms only (DescribeAlarms, AlarmTypes).
        AlarmTypes=["MetricAlarm", "CompositeAlarm"],
    )
    states = {
        each.get("AlarmName", ""): each.get("StateValue", "")
        for page in pages
        for each in (*page["MetricAlarms"], *page["CompositeAlarms"])
    }
    return judge_alarms(states, subject.api.state.deployment_alarms)


def judge_alarms(states: Mapping[str, str], deployment_alarms: Sequence[str]) -> Finding:
    """Judge the alarms by their states; ECS rolls back on the deployment alarms."""
    missing = [name for name in deployment_alarms if name not in states]
    if missing or not deployment_alarms:
        return failed(
            f"no deployment alarm {', '.join(missing)}".rstrip(),
            "ECS can't roll back without it. `pulumi up` creates the deployment alarms.",
        )
    firing = sorted(
        (name for name, state in states.items() if state == ALARM), key=lambda n: n not in deployment_alarms
    )
    if not firing:
        return passed(f"{len(states)} alarms, none in ALARM")
    others = f" and {len(firing) - 3} more" if len(firing) > 3 else ""
    is_ignored = firing[0] in deployment_alarms
    # ECS ignores deployment alarms that are in ALARM when the deployment starts.
    reason = "ECS won't roll back on a deployment alarm that is in ALARM at the start. " if is_ignored else ""
    return failed(f"in ALARM: {', '.join(firing[:3])}{others}", f"{reason}Follow the alarm's runbook first.")


# Deployments.


def deployments(subject: Subject) -> Finding:
    """Check that no deployment, release or migration is unfinished."""
    service, clock = subject.api.service, subject.context.clock
    migrating = [each.version for each in subject.record.releases if is_migrating(service, each, clock)]
    return judge_deployments(subject.newest, subject.record, migrating)


def judge_deployments(newest: Deployment | None, record: Record, migrating: Sequence[str]) -> Finding:
    """Judge the newest deployment, the newest release of the record, and the running migrations."""
    wait = "Wait for it, or stop it with `taskflow rollback`."
    if newest and not newest.is_over:
        return failed(f"a deployment has been running since {newest.created_at:%H:%M} UTC", wait)
    if migrating:
        return failed(f"the migration of {', '.join(migrating)} is running", "Wait for it.")
    if newest and newest.is_unfinished:
        return failed(f"the last deployment ended as {newest.status}", "`taskflow rollback` shows the way back.")
    last = record.releases[0] if record.releases else None
    if last and last.state is ReleaseState.STARTED:
        return failed(
            f"the release of {last.version} is unfinished, begun {last.at:%Y-%m-%d %H:%M}",
            f"Finish it with `taskflow release {last.version}`, or go back with `taskflow rollback`.",
        )
    return passed("none is running, the last release is finished")


# The way back.


@dataclass(frozen=True, kw_only=True)
class WayBack:
    """What runs, and what a rollback after the release returns to: None before the first release.

    `is_known`: ECS knows how it was deployed; `has_image`: the registry still has it. `is_named`: a rollback reaches it
    by its version only, since the release is itself a return to an earlier one.
    """

    running: TaskDefinition
    goal: TaskDefinition | None
    is_first: bool = False
    is_known: bool = True
    has_image: bool = True
    is_named: bool = False


def rollback_plan(subject: Subject) -> Finding:
    """Check that there is a release to return to, once the version runs."""
    api, running = subject.api, subject.running
    past = api.history(subject.record)
    if past.running is None:
        return judge_way_back(WayBack(running=running, goal=None, is_first=True))
    is_released = running.digest == subject.digest
    goal = (api.definitions.read(past.previous.task_definition) if past.previous else None) if is_released else running
    earlier = [each.digest for each in past.standing[:-1]]
    image = goal and goal.digest and image_details(subject.context, {"imageDigest": goal.digest})
    return judge_way_back(
        WayBack(
            running=running,
            goal=goal,
            is_known=past.running.task_definition == running.arn,
            has_image=bool(image),
            is_named=not is_released and subject.digest in earlier,
        )
    )


def judge_way_back(way: WayBack) -> Finding:
    """Judge the way back, and name its command."""
    if way.is_first:
        return passed("first release: ECS returns to the placeholder if it fails")
    if not way.is_known:
        return failed(
            f"{way.running.name} runs, and ECS doesn't know how it was deployed",
            "Wait for the running deployment, or see `taskflow rollback --dry-run`.",
        )
    if way.goal is None:
        return failed("there is no earlier release to return to", "Keep a fixed version ready.")
    if not way.goal.is_active or not way.has_image:
        lost = "its task definition was deregistered" if not way.goal.is_active else "the registry lacks its image"
        return failed(f"{way.goal.name} can't be deployed again: {lost}", "Release a version to return to first.")
    command = f"taskflow rollback --to {way.goal.version}" if way.is_named else "taskflow rollback"
    return passed(f"`{command}` returns to {way.goal.name}")
