"""Where an environment runs: on AWS itself or on an emulator of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import aws_cdk as cdk

from .bundling import AMAZON_ROOTS, ARM64_PYTHON_3_14, HOST, BundleTarget


@dataclass(frozen=True, kw_only=True)
class Target:
    """All in which an emulator differs from AWS; nothing else asks which of the two it is."""

    bundle: BundleTarget
    """The interpreter that runs the functions."""

    ca_bundle: str | None
    """The roots that functions trust AWS's endpoints by; None where these speak plain HTTP."""

    emulator_url: str | None
    """Where an emulator serves every API by path; None for AWS itself, where each API has a host name."""

    supports_formulas: bool
    """False where an alarm cannot be on what is computed of metrics."""

    supports_saved_queries: bool
    """False where logs are not asked by saved queries."""

    shifts_traffic: bool
    """False where calls come to a new version all at once, whatever an environment says."""

    uses_bootstrap_roles: bool
    """False where only the caller's own credentials may publish assets and deploy."""

    def at(self, url: str) -> Target:
        """This emulator where it listens this time."""
        return replace(self, emulator_url=url.rstrip("/"))

    @property
    def enforces_tls(self) -> bool:
        """Whether resources may refuse plain HTTP, which is all that an emulator speaks."""
        return self.emulator_url is None

    def synthesizer(self) -> cdk.IStackSynthesizer | None:
        """A new synthesizer, since each stack needs its own; None for the app's."""
        return None if self.uses_bootstrap_roles else cdk.CliCredentialsStackSynthesizer()


AWS = Target(
    bundle=ARM64_PYTHON_3_14,
    ca_bundle=f"/var/task/{AMAZON_ROOTS}",
    emulator_url=None,
    supports_formulas=True,
    supports_saved_queries=True,
    shifts_traffic=True,
    uses_bootstrap_roles=True,
)

EMULATOR = Target(
    bundle=HOST,
    ca_bundle=None,
    emulator_url="http://127.0.0.1:4566",
    supports_formulas=False,
    supports_saved_queries=False,
    shifts_traffic=False,
    uses_bootstrap_roles=False,
)
