"""How the program gets its settings: Pulumi's values in, settings or one clear error out."""

from settings.errors import SettingsError
from settings.parse import parse
from settings.stack import Settings


def load() -> Settings:
    """Give the settings of the stack that runs; pulumi.RunError, which Pulumi shows without a traceback, otherwise."""
    # Not above: reading, judging and describing settings must work where Pulumi isn't running.
    import pulumi
    from pulumi.runtime import config

    values = {key: str(value) for key, value in config.CONFIG.get().items()}
    secret_keys = {key for key in values if config.is_config_secret(key)}
    stack = pulumi.get_stack()
    try:
        return parse(values, secret_keys, file=f"Pulumi.{stack}.yaml", stack=stack, project=pulumi.get_project())
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None
