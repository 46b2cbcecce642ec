"""What CloudFront adds to files: scripts are for the pages of every shop, all else is for the console's own."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

_ONE_YEAR = cdk.Duration.days(365)

_PAGES_ALONE = {
    # No page that the console opens, or that opened it, reaches its window.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def of_pages(scope: Construct, name: str, content_security_policy: str) -> cloudfront.ResponseHeadersPolicy:
    """The headers of the console, and of what it reads: nobody else's page gets any of it."""
    return cloudfront.ResponseHeadersPolicy(
        scope,
        "Headers",
        response_headers_policy_name=name,
        comment="A strict policy for the console.",
        security_headers_behavior=_security(
            content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                content_security_policy=content_security_policy, override=True
            ),
            frame_options=cloudfront.ResponseHeadersFrameOptions(
                frame_option=cloudfront.HeadersFrameOption.DENY, override=True
            ),
        ),
        custom_headers_behavior=_custom(_PAGES_ALONE),
    )


def of_scripts(scope: Construct, name: str) -> cloudfront.ResponseHeadersPolicy:
    """The headers of scripts: a shop's page loads the chat as a module, which across origins needs leave."""
    return cloudfront.ResponseHeadersPolicy(
        scope,
        "ScriptHeaders",
        response_headers_policy_name=f"{name}-Scripts",
        comment="Scripts are for the pages of every shop.",
        security_headers_behavior=_security(),
        cors_behavior=cloudfront.ResponseHeadersCorsBehavior(
            access_control_allow_credentials=False,
            access_control_allow_headers=["*"],
            access_control_allow_methods=["GET", "HEAD"],
            access_control_allow_origins=["*"],
            origin_override=True,
        ),
        custom_headers_behavior=_custom({"Cross-Origin-Resource-Policy": "cross-origin"}),
    )


def _security(
    content_security_policy: cloudfront.ResponseHeadersContentSecurityPolicy | None = None,
    frame_options: cloudfront.ResponseHeadersFrameOptions | None = None,
) -> cloudfront.ResponseSecurityHeadersBehavior:
    return cloudfront.ResponseSecurityHeadersBehavior(
        content_security_policy=content_security_policy,
        content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
        frame_options=frame_options,
        referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
            referrer_policy=cloudfront.HeadersReferrerPolicy.NO_REFERRER, override=True
        ),
        strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
            access_control_max_age=_ONE_YEAR, include_subdomains=True, override=True
        ),
    )


def _custom(headers: dict[str, str]) -> cloudfront.ResponseCustomHeadersBehavior:
    return cloudfront.ResponseCustomHeadersBehavior(
        custom_headers=[
            cloudfront.ResponseCustomHeader(header=header, value=value, override=True)
            for header, value in headers.items()
        ]
    )
