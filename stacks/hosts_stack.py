"""The names that shops write into their pages. They outlive the APIs that answer under them."""

from __future__ import annotations

from typing import Unpack

from aws_cdk import aws_apigatewayv2 as apigatewayv2
from constructs import Construct

from .constructs.hosts import Name, point
from .environment import Environment
from .environment_stack import EnvironmentStack
from .stack_props import StackProps


class HostsStack(EnvironmentStack):
    """A name for sockets and one for REST, each with what it stands for in DNS.

    They are deleted by nobody who deletes the environment: what a name stands for stays the same when the API behind it
    is made anew. A WebSocket API and an HTTP API cannot share one
    (https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-custom-domain-names.html).
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: Environment, **props: Unpack[StackProps]
    ) -> None:
        super().__init__(scope, construct_id, environment=environment, purpose="names of its own", **props)
        self._environment = environment
        for what, host in (("Sockets", environment.sockets_host), ("Rest", environment.rest_host)):
            self._name(what, host or "")

    def _name(self, what: str, host: str) -> None:
        name = apigatewayv2.CfnDomainName(
            self,
            what,
            domain_name=host,
            domain_name_configurations=[
                apigatewayv2.CfnDomainName.DomainNameConfigurationProperty(
                    certificate_arn=self._environment.certificate, endpoint_type="REGIONAL", security_policy="TLS_1_2"
                )
            ],
        )
        target, zone = name.attr_regional_domain_name, name.attr_regional_hosted_zone_id
        point(self, what, Name(host=host, target=target, target_zone=zone), zone=self._environment.hosted_zone)
