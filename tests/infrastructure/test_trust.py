"""Who may take a role, and who may call a function: nobody but the one service that does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.infrastructure.synthesis import synthesize, with_every_option

SERVICES = {
    "lambda.amazonaws.com",
    "apigateway.amazonaws.com",
    "scheduler.amazonaws.com",
    "codedeploy.amazonaws.com",
}


@pytest.fixture(scope="module", params=["dev", "production"])
def resources(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Every resource of an environment that has each option."""
    with pytest.MonkeyPatch.context() as patch:
        # A key of the account is named to each replica by Region.
        patch.setenv("CDK_DEFAULT_ACCOUNT", "123456789012")
        patch.setenv("CDK_DEFAULT_REGION", "ap-south-1")
        templates = synthesize(with_every_option(request.param))
    return {
        f"{stack}/{logical_id}": resource
        for stack, template in templates.items()
        for logical_id, resource in template["Resources"].items()
    }


def of_type(resources: dict[str, Any], resource_type: str) -> dict[str, Any]:
    return {name: each["Properties"] for name, each in resources.items() if each["Type"] == resource_type}


def test_a_role_is_taken_by_one_service_of_aws_and_by_nobody_else(resources: dict[str, Any]) -> None:
    roles = of_type(resources, "AWS::IAM::Role")
    assert roles
    for name, role in roles.items():
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert (statement["Effect"], statement["Action"]) == ("Allow", "sts:AssumeRole"), name
        assert set(statement["Principal"]) == {"Service"}, f"{name} may be taken by {statement['Principal']}"
        assert statement["Principal"]["Service"] in SERVICES, f"{name} may be taken by {statement['Principal']}"


def test_the_role_of_a_function_is_taken_by_lambda(resources: dict[str, Any]) -> None:
    roles = of_type(resources, "AWS::IAM::Role")
    functions = of_type(resources, "AWS::Lambda::Function")
    assert functions
    for name, function in functions.items():
        role = roles[f"{name.partition('/')[0]}/{function['Role']['Fn::GetAtt'][0]}"]
        principal = role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]
        assert principal == {"Service": "lambda.amazonaws.com"}, f"{name} shares its role with {principal}"


def test_a_function_is_called_by_one_source_and_not_by_every_account_of_a_service(resources: dict[str, Any]) -> None:
    permissions = of_type(resources, "AWS::Lambda::Permission")
    assert permissions
    for name, permission in permissions.items():
        assert permission.get("SourceArn"), f"{name} lets {permission['Principal']} call for any account"


def test_everybody_is_named_only_where_something_is_denied(resources: dict[str, Any]) -> None:
    for name, resource in resources.items():
        for statement in statements(resource.get("Properties")):
            principal = statement.get("Principal")
            if principal in ("*", {"AWS": "*"}) and statement["Effect"] == "Allow":
                assert statement.get("Condition"), f"{name} allows everybody {statement['Action']}"


def statements(value: Any) -> list[dict[str, Any]]:
    """The statements of every policy within a resource."""
    if isinstance(value, list):
        return [found for part in value for found in statements(part)]
    if not isinstance(value, dict):
        return []
    own = [value] if "Effect" in value else []
    return own + [found for part in value.values() for found in statements(part)]
