"""The runbook as commands: `taskflow preflight`, `release`, `postflight`, `rollback`, `smoke`.

`frame` has what every command shares; each other folder is a group of commands. Names come from the stack file's
settings and everything else from AWS, so that the commands work while Pulumi's backend is unreachable.
"""
