"""What browsers load: the widget's script for every shop, and the seller's console."""

from __future__ import annotations

from typing import Any, Unpack

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import aws_s3_deployment as s3_deployment
from constructs import Construct

from .chat_stack import ChatStack
from .constructs import answer_headers
from .constructs.acknowledgement import acknowledge, reported
from .constructs.encryption_key import serve_logs
from .constructs.hosts import CLOUD_FRONTS_ZONE, Name, point
from .constructs.output import output
from .data_stack import DataStack
from .environment import Environment, WebHosting
from .environment_stack import EnvironmentStack
from .stack_props import StackProps
from .widget_build import FILES, WidgetNotBuiltError

HASHED_FILES = ("chat/*", "v/*")
"""What the widget loads when it is needed, and what pages pin: the build puts contents' hashes into their addresses."""

SCRIPTS = "*.js"
"""In whichever folder; all else is for the console's own page."""

_ONE_YEAR = cdk.Duration.days(365)


class WebStack(EnvironmentStack):
    """A private bucket behind CloudFront, which adds the headers that keep the console's page to itself.

    Raises WidgetNotBuiltError.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        hosting: WebHosting,
        data: DataStack,
        chat: ChatStack,
        **props: Unpack[StackProps],
    ) -> None:
        super().__init__(scope, construct_id, environment=environment, purpose="widget and console", **props)
        if not (FILES / "widget.js").is_file():
            raise WidgetNotBuiltError("the widget is not built: run `make widget`")
        self._environment = environment
        self._key = data.key
        if data.key is not None:
            serve_logs(data.key, self)
        # CloudFront's names are an account's, whatever the Region.
        self._name = f"{environment.stack_prefix}-{self.region}"
        self._files = self._bucket()
        distribution = self._distribution(hosting, chat)
        self._deployments(hosting, distribution, chat)
        address = f"https://{environment.host or distribution.distribution_domain_name}"
        if environment.host:
            target = distribution.distribution_domain_name
            name = Name(host=environment.host, target=target, target_zone=CLOUD_FRONTS_ZONE, kinds=("A", "AAAA"))
            point(self, "Widget", name, zone=environment.hosted_zone)
        output(self, "WidgetUrl", f"{address}/widget.js", "The script for a shop's pages.")
        output(self, "ConsoleUrl", f"{address}/console.html", "The seller's console.")

    def _bucket(self) -> s3.Bucket:
        """A private bucket; it is emptied before it is deleted, where the environment's things are deleted at all."""
        files = s3.Bucket(
            self,
            "Files",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            removal_policy=self._environment.removal_policy,
            auto_delete_objects=self._environment.removal_policy is cdk.RemovalPolicy.DESTROY,
        )
        acknowledge(files, "S1", "Only CloudFront reads it, and everybody may read what it holds.")
        return files

    def _distribution(self, hosting: WebHosting, chat: ChatStack) -> cloudfront.Distribution:
        origin = origins.S3BucketOrigin.with_origin_access_control(
            self._files,
            origin_access_control=cloudfront.S3OriginAccessControl(
                self, "Access", origin_access_control_name=self._name
            ),
        )
        pages = answer_headers.of_pages(self, self._name, _content_security_policy(chat))
        distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"Seller Chat {self._environment.name}",
            default_root_object="console.html",
            default_behavior=_behavior(origin, pages),
            additional_behaviors={SCRIPTS: _behavior(origin, answer_headers.of_scripts(self, self._name))},
            price_class=hosting.price_class,
            **self._at_host(),
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
        )
        acknowledge(distribution, "CFR1", "Shops and their visitors are everywhere.")
        acknowledge(
            distribution,
            "CFR2",
            "It serves public files from a cache; the APIs are elsewhere and throttle by themselves.",
        )
        acknowledge(
            distribution,
            "CFR3",
            "It would hold the address of every visitor of every shop's page, and tell nothing that somebody needs.",
        )
        acknowledge(
            distribution, "CFR4", "CloudFront's own host name has its own certificate, whose TLS version it chooses."
        )
        return distribution

    def _at_host(self) -> dict[str, Any]:
        """The name of the environment's own that it answers to, with a certificate for it."""
        host, arn = self._environment.host, self._environment.widget_certificate
        if not host or not arn:
            return {}
        return {
            "domain_names": [host],
            "certificate": acm.Certificate.from_certificate_arn(self, "Certificate", arn),
            "minimum_protocol_version": cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
        }

    def _deployments(self, hosting: WebHosting, distribution: cloudfront.Distribution, chat: ChatStack) -> None:
        """Upload the files.

        Those that have their contents' hash in their names come first and are never taken away: a widget.js that a
        browser or CloudFront has kept asks for those that it was built with, and a page that pins one goes on with it.
        """
        log_group = self._deployment_log()
        files = s3_deployment.Source.asset(str(FILES))
        told = {"webSocketUrl": chat.endpoint.url, "restUrl": chat.rest_endpoint.url}
        if self._environment.shop_name:
            told["shopName"] = self._environment.shop_name
        kept = s3_deployment.BucketDeployment(
            self,
            "KeptForGood",
            sources=[files],
            exclude=["*"],
            include=[*HASHED_FILES],
            prune=False,
            destination_bucket=self._files,
            cache_control=[s3_deployment.CacheControl.max_age(_ONE_YEAR), s3_deployment.CacheControl.immutable()],
            log_group=log_group,
        )
        others = s3_deployment.BucketDeployment(
            self,
            "Deployment",
            sources=[files, s3_deployment.Source.json_data("config.json", told)],
            exclude=[*HASHED_FILES],
            destination_bucket=self._files,
            distribution=distribution,
            cache_control=[s3_deployment.CacheControl.max_age(hosting.browser_cache)],
            log_group=log_group,
        )
        others.node.add_dependency(kept)
        self._acknowledge_the_deployer(kept)

    def _deployment_log(self) -> logs.LogGroup:
        return logs.LogGroup(
            self,
            "DeploymentLog",
            retention=self._environment.log_retention,
            encryption_key=self._key,
            removal_policy=self._environment.removal_policy,
        )

    def _acknowledge_the_deployer(self, deployment: s3_deployment.BucketDeployment) -> None:
        """The CDK's function that fills the bucket, with a role of its own, is not ours to change."""
        (deployer,) = [child for child in self.node.children if child.node.id.startswith("Custom::CDKBucketDeployment")]
        basic_execution = iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AWSLambdaBasicExecutionRole")
        findings = [
            *(f"Action::s3:{action}*" for action in ("GetBucket", "GetObject", "List", "Abort", "DeleteObject")),
            *(f"Resource::{reported(self, objects)}" for objects in self._objects(deployment)),
            "Resource::*",
        ]
        reason = "The CDK's own function; it runs at deployments only."
        for finding in findings:
            acknowledge(deployer, "IAM5", reason, finding=finding)
        policy = reported(self, basic_execution.managed_policy_arn)
        acknowledge(deployer, "IAM4", reason, finding=f"Policy::{policy}")
        acknowledge(deployer, "L1", reason)

    def _objects(self, deployment: s3_deployment.BucketDeployment) -> list[str]:
        """Those that it reads, in the bucket of assets, which the synthesizer has named, and those that it writes."""
        assets = [each.bucket for each in deployment.node.find_all() if isinstance(each, s3_assets.Asset)]
        return [bucket.arn_for_objects("*") for bucket in [assets[0], self._files]]


def _behavior(origin: cloudfront.IOrigin, headers: cloudfront.ResponseHeadersPolicy) -> cloudfront.BehaviorOptions:
    return cloudfront.BehaviorOptions(
        origin=origin,
        viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
        response_headers_policy=headers,
        compress=True,
    )


def _content_security_policy(chat: ChatStack) -> str:
    """What the console may load and call; local_aws/web_pages.py serves the same pages with the same policy."""
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": f"'self' {chat.endpoint.url} {chat.rest_endpoint.url}",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
    }
    return "; ".join(f"{name} {value}" for name, value in policy.items())
