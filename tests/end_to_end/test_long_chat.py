"""A chat may last: it is looked after however often something is due, and ends when nobody says anything any more."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.end_to_end.clients import entry_of, seller, visitor
from tests.end_to_end.deployed_system import DeployedSystem, wait_until

CHECK_UPS = 101
"""Lambda would end a function that called itself after sixteen of them."""

PATIENCE_SECONDS = 20.0
SCHEDULED = ("Name", "GroupName", "FlexibleTimeWindow", "Target", "ScheduleExpressionTimezone", "ActionAfterCompletion")


@dataclass(frozen=True)
class CheckUp:
    """What is due for a contact, which comes when time is put forward."""

    scheduler: Any
    contact_id: str
    group: str

    def schedule(self) -> dict[str, Any] | None:
        """What AWS knows of it."""
        try:
            found: dict[str, Any] = self.scheduler.get_schedule(Name=self.contact_id, GroupName=self.group)
        except self.scheduler.exceptions.ResourceNotFoundException:
            return None
        return found

    def comes_now(self) -> None:
        """Have it made, and return when the next one is asked for, or there will be none."""
        due = self.schedule()
        assert due is not None
        moment = time.strftime("at(%Y-%m-%dT%H:%M:%S)", time.gmtime(time.time() - 3600))
        changed = {name: due[name] for name in SCHEDULED if name in due}
        self.scheduler.update_schedule(**changed, ScheduleExpression=moment)
        wait_until(lambda: self._expression() != moment, seconds=PATIENCE_SECONDS, what="the next check-up")

    def _expression(self) -> str | None:
        found = self.schedule()
        return found["ScheduleExpression"] if found else None


@contextmanager
def closing_what_is_idle(system: DeployedSystem) -> Iterator[None]:
    """As if everybody had been silent for as long as it takes."""
    functions, attendant = system.client("lambda"), system.function("attendant")
    name, before = attendant["FunctionName"], attendant["Environment"]["Variables"]
    functions.update_function_configuration(
        FunctionName=name, Environment={"Variables": {**before, "IDLE_CLOSE_SECONDS": "1"}}
    )
    yield
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": before})


def open_count(system: DeployedSystem, seller_id: str) -> int:
    item = system.sellers.get_item(Key={"seller_id": seller_id}, ConsistentRead=True)["Item"]
    return int(str(item["open_count"]))


def test_a_chat_that_was_looked_after_a_hundred_times_is_open_and_ends_when_it_is_idle(
    deployed_system: DeployedSystem, seller_id: str
) -> None:
    with seller(deployed_system, seller_id) as desk, visitor(deployed_system, seller_id=seller_id) as widget:
        desk.ask({"action": "presence", "status": "online"})
        contact_id = widget.submit_user_info({"name": "Asha"})
        entry_of(desk, "assigned", contact_id)
        told = deployed_system.function("attendant")["Environment"]["Variables"]
        check_up = CheckUp(deployed_system.client("scheduler"), contact_id, told["CHECK_UP_GROUP"])
        wait_until(lambda: check_up.schedule() is not None, seconds=PATIENCE_SECONDS, what="the first check-up")

        for _ in range(CHECK_UPS):
            check_up.comes_now()
        kinds = [frame["entry"]["kind"] for frame in widget.frames if frame["action"] == "entry"]
        assert "closed" not in kinds
        assert open_count(deployed_system, seller_id) == 1

        with closing_what_is_idle(deployed_system):
            check_up.comes_now()
        assert entry_of(widget, "closed", contact_id)["reason"] == "idle"
        assert open_count(deployed_system, seller_id) == 0
        assert check_up.schedule() is None
    letters = deployed_system.messages("AttendantCheckUpsDeadLetters")
    assert [letter for letter in letters if contact_id in letter["Body"]] == []
