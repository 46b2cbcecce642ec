"""Brings the CDK app into an emulator, as often as it changes."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from local_aws.cdk_command import ROOT, run_cdk
from local_aws.cross_origin import allow_origins
from local_aws.emulator import ACCOUNT, REGION, Emulator
from local_aws.fingerprint import sources_fingerprint

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

BOOTSTRAP_STACK = "CDKToolkit"
FINGERPRINT_PARAMETER = "/seller-chat/local/fingerprint"
ENVIRONMENT_NAME = "local"


class Deployment:
    """The stacks of the environment `local` in one running emulator.

    Args:
        emulator: where they are deployed.
        home: the folder for the cloud assembly (`cdk.out`) and what the CDK CLI says (`deploy.log`).
        report: called with each step as it begins, in words for a person.
        context: further context values for the CDK, such as `php_api_url`.
    """

    def __init__(
        self,
        emulator: Emulator,
        *,
        home: Path,
        report: Callable[[str], None],
        context: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._emulator = emulator
        self._extra_context = context
        self._assembly = home / "cdk.out"
        self._log = home / "deploy.log"
        self._report = report
        self._session = emulator.credentials.session(REGION)

    def bring_up_to_date(self) -> dict[str, str]:
        """Deploy if anything changed, and return the outputs of all stacks by name.

        Raises:
            LocalSystemError: synthesis or deployment failed.
        """
        fingerprint = sources_fingerprint(ROOT, *self._context())
        if self._deployed_fingerprint() == fingerprint:
            self._report("Nothing has changed since the last deployment.")
        else:
            self._deploy()
            self._remember(fingerprint)
        return self.outputs()

    def outputs(self) -> dict[str, str]:
        """Return the outputs of every deployed stack in one dictionary."""
        stacks = [stack for name, stack in self._stacks().items() if name != BOOTSTRAP_STACK]
        return {output["OutputKey"]: output["OutputValue"] for stack in stacks for output in stack.get("Outputs", [])}

    def _deploy(self) -> None:
        self._log.unlink(missing_ok=True)
        self._report("Synthesizing the stacks …")
        self._cdk("synth", "--quiet", "--output", str(self._assembly), *self._context())
        assembly = ("--app", str(self._assembly))
        if BOOTSTRAP_STACK not in self._stacks():
            self._report("Bootstrapping the emulated account …")
            self._cdk("bootstrap", f"aws://{ACCOUNT}/{REGION}", *assembly)
        self._cdk("deploy", "--all", "--require-approval", "never", *assembly)
        formation = self._session.client("cloudformation", endpoint_url=self._emulator.endpoint)
        gateway = self._session.client("apigatewayv2", endpoint_url=self._emulator.endpoint)
        for stack in self._stacks().keys() - {BOOTSTRAP_STACK}:
            allow_origins(stack, formation, gateway)

    def _context(self) -> tuple[str, ...]:
        values = {"env": ENVIRONMENT_NAME, "emulator_url": self._emulator.endpoint, **self._extra_context}
        return tuple(word for name, value in values.items() for word in ("-c", f"{name}={value}"))

    def _cdk(self, *arguments: str) -> None:
        run_cdk(*arguments, environment=self._emulator.client_environment(), log=self._log, report=self._report)

    def _stacks(self) -> "dict[str, StackTypeDef]":
        formation = self._session.client("cloudformation", endpoint_url=self._emulator.endpoint)
        return {stack["StackName"]: stack for stack in formation.describe_stacks()["Stacks"]}

    def _deployed_fingerprint(self) -> str | None:
        """Return what was deployed last; kept in the emulator, so that it is lost exactly when the stacks are."""
        parameters = self._session.client("ssm", endpoint_url=self._emulator.endpoint)
        try:
            value: str = parameters.get_parameter(Name=FINGERPRINT_PARAMETER)["Parameter"]["Value"]
        except parameters.exceptions.ParameterNotFound:
            return None
        return value

    def _remember(self, fingerprint: str) -> None:
        self._session.client("ssm", endpoint_url=self._emulator.endpoint).put_parameter(
            Name=FINGERPRINT_PARAMETER, Value=fingerprint, Type="String", Overwrite=True
        )
