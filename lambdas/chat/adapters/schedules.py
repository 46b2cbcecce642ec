"""Check-ups as one-time schedules of EventBridge Scheduler, one for each contact."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_scheduler.type_defs import CreateScheduleInputTypeDef

_NAME = re.compile(r"[0-9a-zA-Z_.-]{1,64}")


class Schedules:
    """Implements `chat.ports.check_ups.CheckUps`. A schedule is named after its contact, so there cannot be two.

    It sends the contact's id to a queue, within a minute of its time. It is not deleted by itself when it has done so:
    that comes some time later, when the contact may have been put off already.
    """

    def __init__(self, client: EventBridgeSchedulerClient, *, group: str, queue_arn: str, role_arn: str) -> None:
        self._client = client
        self._group = group
        self._queue_arn = queue_arn
        self._role_arn = role_arn

    def put(self, contact_id: str, at: datetime) -> None:
        schedule = self._schedule(contact_id, at)
        try:
            self._client.update_schedule(**schedule)
        except self._client.exceptions.ResourceNotFoundException:
            self._create(schedule)

    def remove(self, contact_id: str) -> None:
        try:
            self._client.delete_schedule(Name=_name(contact_id), GroupName=self._group)
        except self._client.exceptions.ResourceNotFoundException:
            return

    def _create(self, schedule: CreateScheduleInputTypeDef) -> None:
        try:
            self._client.create_schedule(**schedule)
        except self._client.exceptions.ConflictException:
            # Another event of the contact came first, or a create whose answer was lost.
            self._client.update_schedule(**schedule)

    def _schedule(self, contact_id: str, at: datetime) -> CreateScheduleInputTypeDef:
        # A schedule has whole seconds; never earlier than asked, or nothing would be due yet.
        second = (at.astimezone(UTC) + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S")
        return {
            "Name": _name(contact_id),
            "GroupName": self._group,
            "ScheduleExpression": f"at({second})",
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "NONE",
            "Target": {
                "Arn": self._queue_arn,
                "RoleArn": self._role_arn,
                "Input": json.dumps({"contact_id": contact_id}),
            },
        }


def _name(contact_id: str) -> str:
    """The id itself, or a hash of one that no schedule may be named."""
    return contact_id if _NAME.fullmatch(contact_id) else hashlib.sha256(contact_id.encode()).hexdigest()
