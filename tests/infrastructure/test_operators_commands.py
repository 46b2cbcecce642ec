"""Operators' commands find what is deployed by the names that it has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from administration.deployments import PARTS, stack_of
from stacks.environment import Environment
from tests.infrastructure.cloud_formation import Template

COMMANDS = Path(__file__).parents[2] / "administration"


def test_every_output_that_a_command_reads_is_one_of_the_stacks_that_it_asks(
    templates: dict[str, Any], environment: Environment
) -> None:
    read = {
        name for file in COMMANDS.rglob("*.py") for name in re.findall(r'\boutputs\["(\w+)"\]', file.read_text("utf-8"))
    }
    # What `make run` adds.
    read -= {"Endpoint", "Region"}

    assert "SellerTokenSecret" in read
    stacks = [stack for part in PARTS if (stack := stack_of(environment.name, part)) in templates]
    assert read <= {name for stack in stacks for name in Template(templates[stack]).outputs()}
