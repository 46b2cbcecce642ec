"""What is configured wrongly stops the deployment."""

from __future__ import annotations

import pytest

from handlers.variables import VariableError


def test_a_strategy_that_does_not_exist_stops_the_deployment_with_one_clear_line(
    aws_environment: pytest.MonkeyPatch,
) -> None:
    from handlers import composition

    with pytest.raises(VariableError, match="ASSIGNMENT=lottery is none of external, direct, least_loaded"):
        composition._strategy("lottery", None)
    with pytest.raises(VariableError, match="ASSIGNMENT=external needs PHP_API_URL"):
        composition._strategy("external", None)
