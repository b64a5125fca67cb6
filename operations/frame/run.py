"""Starts a command with the stack's settings and the machine's clock, and turns its end into an exit code."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from components.shared.environment import Environment
from operations.frame.aws import clients_of, explained
from operations.frame.clock import SystemClock
from operations.frame.context import Context, Options
from operations.frame.errors import DryRunEnd, ExitCode, OperationError
from operations.frame.http import Https
from operations.frame.pulumi import SystemPulumi
from operations.frame.report import Report
from settings.errors import SettingsError
from settings.load import load_file
from settings.stack import PROJECT, Settings
from settings.stack_file import StackFileError

INTERRUPTED = "Interrupted. What has begun in AWS keeps running; run the same command again to continue."


def system_context(folder: Path, options: Options) -> Context:
    """Return the context of a real run; OperationError if the stack file or the profile is invalid."""
    try:
        settings = load_file(folder, options.stack)
    except (SettingsError, StackFileError) as error:
        raise OperationError(str(error), code=ExitCode.USAGE) from None
    return Context(
        options=options,
        settings=settings,
        environment=environment_of(settings, options.stack),
        aws=clients_of(options.profile, settings.aws.region),
        clock=SystemClock(),
        report=Report(as_json=options.as_json),
        https=Https(),
        ask=ask_in_terminal,
        ask_text=ask_text_in_terminal,
        folder=folder,
        pulumi=SystemPulumi(folder=folder, profile=options.profile),
        of_stack=lambda stack: system_context(folder, replace(options, stack=stack)),
    )


def environment_of(settings: Settings, stack: str) -> Environment:
    """Return the environment of a stack, from which its names follow."""
    return Environment(
        application=PROJECT,
        stack=stack,
        region=settings.aws.region,
        account=settings.aws.account,
        domain=settings.environment.domain,
        hosted_zone=settings.environment.hosted_zone,
    )


def ask_in_terminal(question: str) -> bool | None:
    """Ask; return None without a terminal."""
    answer = ask_text_in_terminal(f"{question} [y/N]")
    return None if answer is None else answer.lower() in {"y", "yes"}


def ask_text_in_terminal(question: str) -> str | None:
    """Ask for a line of text; return None without a terminal."""
    if not sys.stdin.isatty():
        return None
    sys.stderr.write(f"{question} ")
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def execute(prepare: Callable[[], Context], run: Callable[[Context], None], *, as_json: bool = False) -> ExitCode:
    """Run a command; print one clear line for whatever ends it, and return its exit code."""
    report = Report(as_json=as_json)
    region = "the region"
    try:
        context = prepare()
        report, region = context.report, context.environment.region
        run(context)
        problem = None
    except DryRunEnd:
        report.line("Dry run: nothing was changed.")
        problem = None
    except OperationError as error:
        problem = error
    except (BotoCoreError, ClientError) as error:
        problem = explained(error, region)
    except KeyboardInterrupt:
        problem = OperationError(INTERRUPTED, code=ExitCode.INTERRUPTED)
    if problem is None:
        report.end({"outcome": "success", "exitCode": 0})
        return ExitCode.SUCCESS
    report.error(problem.message, problem.advice, problem.command)
    report.end({"outcome": problem.code.name.lower(), "exitCode": int(problem.code), "error": problem.message})
    return problem.code
