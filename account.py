"""The CDK app of `make bootstrap` and `make pipeline`: what an account needs once, whatever is deployed there."""

from __future__ import annotations

import os
import re
import sys

import aws_cdk as cdk

from stacks import assembly
from stacks.account_stack import AccountStack
from stacks.environments import ENVIRONMENTS
from stacks.pipeline_stack import GitHubStack, PipelineStack
from stacks.regions import SUPPORTED_REGIONS
from stacks.target import AWS

REPOSITORY = re.compile(r"[A-Za-z0-9-]+/[\w.-]+|[A-Za-z0-9-]+@\d+/[\w.-]+@\d+")
"""As the tokens of a repository call it: those of one that was made or renamed since July 2026 have ids, too.

https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens/
"""


def main(app: cdk.App | None = None) -> None:
    """Build what every account needs, and for a `repository` what GitHub may do to the environment `env`."""
    app = app or cdk.App()
    assembly.leave_no_trace_of_this_run(app)
    said = {name: app.node.try_get_context(name) for name in ("repository", "env")}
    add_stacks(app, repository=said["repository"], environment=said["env"])
    app.synth()


def add_stacks(app: cdk.App, *, repository: str | None, environment: str | None) -> None:
    """Add every stack of an account; ends with one line where nothing could follow, or GitHub's cannot be added."""
    region = os.environ.get("CDK_DEFAULT_REGION")
    if region not in {None, *SUPPORTED_REGIONS}:
        sys.exit(f"error: Seller Chat cannot be in {region}: set AWS_REGION to one of {', '.join(SUPPORTED_REGIONS)}")
    AccountStack(app, "SellerChat-Account")
    if repository is not None:
        _add_pipeline(app, repository, str(environment))


def _add_pipeline(app: cdk.App, repository: str, environment: str) -> None:
    if not REPOSITORY.fullmatch(repository):
        sys.exit(f"error: {repository!r} is no repository of GitHub: say REPOSITORY=OWNER/NAME or OWNER@ID/NAME@ID")
    on_aws = [name for name, each in ENVIRONMENTS.items() if each.target is AWS]
    if environment not in on_aws:
        sys.exit(f"error: there is no environment {environment!r} on AWS: use one of {', '.join(on_aws)}")
    GitHubStack(app, "SellerChat-GitHub")
    PipelineStack(app, f"SellerChat-{environment}-Pipeline", repository=repository, environment=environment)


if __name__ == "__main__":
    main()
