"""Another application's small environment, from TaskFlow's components: what a second user of them writes."""

import sys
from pathlib import Path

import pulumi

sys.path.append(str(Path(__file__).resolve().parents[2]))

from components.naming import Environment
from components.network import ProductionVpc
from settings.network import Network

config, aws = pulumi.Config(), pulumi.Config("aws")
environment = Environment(
    application=pulumi.get_project(),
    stack=pulumi.get_stack(),
    region=aws.require("region"),
    account=aws.require_object("allowedAccountIds")[0],
    domain=config.require("domain"),
)
network = ProductionVpc(
    "network", environment=environment, settings=Network.model_validate(config.require_object("network"))
)

pulumi.export("vpcId", network.outputs.vpc_id)
pulumi.export("privateSubnetIds", network.outputs.private_subnet_ids)
