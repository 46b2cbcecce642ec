"""EventBridge Scheduler as AWS has it, where MiniStack's is different.

MiniStack looks for what is due every ten seconds, fires a schedule that was put off after it had fired never again, and
takes every schedule for one of the default group where it asks whether somebody may change it.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from ministack.core import iam_actions
from ministack.core.responses import get_account_id, get_region
from ministack.services import scheduler

_GROUPLESS = re.compile(r"(:schedule)/default/")


def fire_on_time() -> None:
    """Mend what is different; to be called before the emulator starts."""
    scheduler._SCHEDULE_TICK_INTERVAL = 0.1
    scheduler._update_schedule = _forgetting_that_it_fired(scheduler._update_schedule)
    scheduler._create_schedule = _forgetting_that_it_fired(scheduler._create_schedule)
    iam_actions.extract_resource_arn = _with_group(iam_actions.extract_resource_arn)


def _forgetting_that_it_fired(change: Callable[[str, dict[str, Any]], Any]) -> Callable[[str, dict[str, Any]], Any]:
    def changed(name: str, body: dict[str, Any]) -> Any:
        key = f"{body.get('GroupName', 'default')}/{name}"
        scheduler._schedule_last_fired.pop((get_account_id(), get_region(), key), None)
        return change(name, body)

    return changed


def _with_group(arn_of: Callable[..., str]) -> Callable[..., str]:
    def arn(*request: Any) -> str:
        service, _method, _path, _headers, body, query = request[:6]
        found = arn_of(*request)
        if service != "scheduler":
            return found
        return _GROUPLESS.sub(rf"\1/{_group(body, query)}/", found)

    return arn


def _group(body: bytes, query: dict[str, Any]) -> str:
    group = query.get("groupName") or (json.loads(body) if body else {}).get("GroupName") or "default"
    return str(group[0] if isinstance(group, list) else group)
