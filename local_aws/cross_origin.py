"""Lets pages of other origins call the HTTP APIs.

MiniStack keeps an API's CORS configuration under CloudFormation's names and reads it under API Gateway's, so
what a stack says of it has no effect until API Gateway's own call says it again.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_apigatewayv2 import ApiGatewayV2Client
    from mypy_boto3_cloudformation import CloudFormationClient

API = "AWS::ApiGatewayV2::Api"


def allow_origins(stack: str, formation: "CloudFormationClient", gateway: "ApiGatewayV2Client") -> None:
    """Say again, for every HTTP API of a stack, from where its template lets it be called."""
    template = formation.get_template(StackName=stack)["TemplateBody"]
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] == API and "CorsConfiguration" in resource["Properties"]:
            described = formation.describe_stack_resource(StackName=stack, LogicalResourceId=logical_id)
            gateway.update_api(
                ApiId=described["StackResourceDetail"]["PhysicalResourceId"],
                CorsConfiguration=resource["Properties"]["CorsConfiguration"],
            )
