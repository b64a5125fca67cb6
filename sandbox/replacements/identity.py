"""Replacements for IAM roles and their policies. See table.py."""

from collections.abc import Mapping

from sandbox.replacements.replacement import Replacement, row

IDENTITY: Mapping[str, Replacement] = {
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": row("iam/openid_connect_provider.go: ForceNew", "url"),
    "aws:iam/policy:Policy": row("iam/policy.go: ForceNew", "description", "name", "namePrefix", "path"),
    "aws:iam/role:Role": row("iam/role.go: ForceNew", "name", "namePrefix", "path"),
    "aws:iam/rolePolicy:RolePolicy": row("iam/role_policy.go: ForceNew", "name", "namePrefix", "role"),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": row(
        "iam/role_policy_attachment.go: ForceNew on both", "policyArn", "role"
    ),
}  # fmt: skip
