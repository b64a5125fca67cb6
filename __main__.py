"""TaskFlow's production environment, from the edge inwards. Run by `pulumi up` for each stack."""

import pulumi

from settings.load import load

settings = load()

# Only now: a refused setting is told at once, and importing AWS's SDK takes seconds.
from components.naming import Environment  # noqa: E402
from components.network import ProductionVpc  # noqa: E402

environment = Environment(
    application=pulumi.get_project(),
    stack=pulumi.get_stack(),
    region=settings.aws.region,
    account=settings.aws.account,
    domain=settings.environment.domain,
)

network = ProductionVpc("network", environment=environment, settings=settings.network)

pulumi.export("url", f"https://{environment.domain}")
pulumi.export("apiUrl", f"https://api.{environment.domain}")
pulumi.export("vpcId", network.outputs.vpc_id)
