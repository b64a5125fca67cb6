"""What AWS answers for IAM roles and their policies. See kind.py."""

from collections.abc import Mapping

from sandbox.kinds.kind import Kind

IDENTITY: Mapping[str, Kind] = {
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": Kind(
        id="arn:aws:iam::{account}:oidc-provider/{issuer}",
        outputs={"arn": "arn:aws:iam::{account}:oidc-provider/{issuer}"},
        unique="url",
        unique_scope="account",
        collision_error="EntityAlreadyExists: Provider with url {name} already exists.",
        is_regional=False,
    ),
    "aws:iam/policy:Policy": Kind(
        id="arn:aws:iam::{account}:policy/{name}",
        outputs={
            "arn": "arn:aws:iam::{account}:policy/{name}",
            "attachmentCount": 0,
            "policyId": "ANPA{hex}",
        },
        provider_defaults={"path": "/"},
        autoname="name",
        autoname_max=128,
        unique="name",
        unique_scope="account",
        collision_error="EntityAlreadyExists: A policy called {name} already exists.",
        is_regional=False,
    ),
    "aws:iam/role:Role": Kind(
        id="{name}",
        outputs={
            "arn": "arn:aws:iam::{account}:role/{name}",
            "createDate": "2026-01-01T00:00:00Z",
            "uniqueId": "AROA{hex}",
        },
        provider_defaults={"forceDetachPolicies": False, "maxSessionDuration": 3600, "path": "/"},
        autoname="name",
        autoname_max=64,
        unique="name",
        unique_scope="account",
        collision_error="EntityAlreadyExists: Role with name {name} already exists.",
        is_regional=False,
    ),
    "aws:iam/rolePolicy:RolePolicy": Kind(
        id="{in[role]}:{name}", autoname="name", autoname_max=128, is_regional=False, has_tags=False
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Kind(
        id="{in[role]}/{in[policyArn]}", is_regional=False, has_tags=False
    ),
}
