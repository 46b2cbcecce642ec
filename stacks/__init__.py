"""What is deployed. Only these modules and `app.py` know the AWS CDK.

Installed in another app's environment, it is called `seller_chat`, and these names are all that it needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .environment import Allowance, Environment, Throttle, Throttles, TokenIssuer, WebHosting
    from .environments import DEV, PRODUCTION, STAGING
    from .seller_chat import NameTakenError, SellerChat

__all__ = [
    "DEV",
    "PRODUCTION",
    "STAGING",
    "Allowance",
    "Environment",
    "NameTakenError",
    "SellerChat",
    "Throttle",
    "Throttles",
    "TokenIssuer",
    "WebHosting",
]

_ROOMS = ("seller_chat", "environments", "environment")


def __getattr__(name: str) -> Any:
    # The build of the package and the launcher use a module of this folder without having the CDK.
    if name in __all__:
        for room in _ROOMS:
            module = import_module(f".{room}", __name__)
            if hasattr(module, name):
                return getattr(module, name)
    raise AttributeError(f"{__name__} has no {name}")
