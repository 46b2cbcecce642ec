"""The fifth step: what happens in a chat goes on to what acts on it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from administration.verification.people import People
from administration.verification.resources import Resources
from administration.verification.step import NotAsItShouldBeError, expect, wait_until

GOOD_RESULTS = ("OK", "No records processed")
TOLD_SECONDS = 20
"""From an entry over stream, publisher, bus and queue to the attendant."""
SETTLED_SECONDS = 4
"""From a call that went well to what is told of the last one."""
NOT_SEEN = "Whether the shop's back end took the events is seen there alone."


def check(people: People) -> str | None:
    """Look whether everything reads, whether a contact gets its check-up and loses it, and for dead letters."""
    _check_states(people.resources)
    _check_dead_letters(people.resources)
    with people.socket_of(people.visitor) as visitor:
        contact = people.start(visitor)["contact_id"]
        wait_until("that a new contact gets a check-up", lambda: _is_scheduled(people, contact), TOLD_SECONDS)
        visitor.ask({"action": "closeChat", "contact_id": contact, "id": "verify-6"}, "ack")
        wait_until("that a closed contact loses its check-up", lambda: not _is_scheduled(people, contact), TOLD_SECONDS)
    _check_results(people.resources)
    _check_dead_letters(people.resources)
    return what_is_not_seen(people.resources)


def what_is_not_seen(resources: Resources) -> str | None:
    """What the shop was told of, if there is a back end of its own."""
    return NOT_SEEN if "PHP_API_URL" in resources.variables else None


def _check_states(resources: Resources) -> None:
    for name, mapping in _mappings(resources).items():
        expect(f"the state of {name}", mapping["State"], "Enabled")


def _check_results(resources: Resources) -> None:
    """The last call for a stream went well; one that failed before is over when what has just been told went on.

    What fails for a queue comes again, and ends among the dead letters.
    """
    with suppress(NotAsItShouldBeError):
        wait_until("that all calls go well", lambda: not _failing(resources), SETTLED_SECONDS)
    expect("what calls for streams came to", _failing(resources), {})


def _failing(resources: Resources) -> dict[str, str]:
    streams = {name: each for name, each in _mappings(resources).items() if "/stream/" in each["EventSourceArn"]}
    results = {name: each.get("LastProcessingResult") or GOOD_RESULTS[0] for name, each in streams.items()}
    return {name: result for name, result in results.items() if not result.startswith(GOOD_RESULTS)}


def _mappings(resources: Resources) -> dict[str, Any]:
    functions = resources.client("lambda")
    names = resources.names("AWS::Lambda::EventSourceMapping")
    return {name: functions.get_event_source_mapping(UUID=mapping_id) for name, mapping_id in names.items()}


def _check_dead_letters(resources: Resources) -> None:
    queues, count = resources.client("sqs"), "ApproximateNumberOfMessages"
    for name, url in resources.names("AWS::SQS::Queue").items():
        if "DeadLetters" in name:
            found = queues.get_queue_attributes(QueueUrl=url, AttributeNames=[count])["Attributes"][count]
            if found != "0":
                raise NotAsItShouldBeError(f"{name} holds {found} dead letters.")


def _is_scheduled(people: People, contact: str) -> bool:
    schedules = people.resources.client("scheduler")
    try:
        schedules.get_schedule(GroupName=people.resources.variables["CHECK_UP_GROUP"], Name=contact)
    except schedules.exceptions.ResourceNotFoundException:
        return False
    return True
