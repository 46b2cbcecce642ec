"""What failed is brought back, and what was lost is restored, by the commands that an operator has."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from administration.deployments import Deployment
from administration.errors import AdministrationError
from administration.redrive import redrive
from administration.restore import Wanted, restore
from local_aws.emulator import REGION
from tests.end_to_end.deployed_system import DeployedSystem, wait_until

PATIENCE_SECONDS = 40


@pytest.fixture
def deployment(deployed_system: DeployedSystem) -> Deployment:
    """The deployed system as commands find it."""
    session = deployed_system.credentials.session(REGION)
    return Deployment(session, deployed_system.endpoint, deployed_system.outputs)


def started(system: DeployedSystem, *texts: str) -> tuple[str, str]:
    """A visitor's device and contact, with these messages in it."""
    device_id = f"device-{uuid.uuid4()}"
    begun = system.call("POST", "/chats", {"sellerId": "123456", "userInfo": {"name": "Asha"}}, bearer=device_id)
    contact_id: str = begun.json()["contact_id"]
    for text in texts:
        frame = {"sellerId": "123456", "contact_id": contact_id, "message": text}
        assert system.call("POST", "/sendmessage", frame, bearer=device_id).status == 200
    return device_id, contact_id


def entries(system: DeployedSystem, device_id: str, contact_id: str) -> list[Any]:
    answer = system.call("GET", f"/chats/{contact_id}/entries", bearer=device_id).json()
    return [entry.get("message") for entry in answer.get("entries", [])]


def image(system: DeployedSystem, contact_id: str, item: str) -> dict[str, Any]:
    key = {"contact_id": {"S": contact_id}, "item": {"S": item}}
    found: dict[str, Any] = system.client("dynamodb").get_item(
        TableName=system.outputs["ConversationTable"], Key=key, ConsistentRead=True
    )["Item"]
    return found


def leave(system: DeployedSystem, queue: str, letter: object) -> None:
    """A dead letter, as AWS or a function leaves it."""
    url = system.outputs[f"{queue}DeadLetters"]
    system.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(letter))


def left(system: DeployedSystem, queue: str) -> int:
    """How many dead letters there are, those included that somebody holds."""
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    found = system.client("sqs").get_queue_attributes(
        QueueUrl=system.outputs[f"{queue}DeadLetters"], AttributeNames=list(names)
    )
    return sum(int(found["Attributes"][name]) for name in names)


@pytest.fixture
def follower(deployed_system: DeployedSystem) -> Iterator[Callable[[], list[str]]]:
    """The ids of all events that come over the bus from now on, as another system hears them."""
    sqs, events = deployed_system.client("sqs"), deployed_system.client("events")
    name, bus = f"follower-{uuid.uuid4().hex[:8]}", deployed_system.outputs["EventBus"]
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps({"source": ["seller-chat"]}))
    events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
    heard: list[str] = []

    def hear() -> list[str]:
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        heard.extend(json.loads(each["Body"])["detail"]["id"] for each in messages)
        return heard

    yield hear
    events.remove_targets(Rule=name, EventBusName=bus, Ids=["queue"])
    events.delete_rule(Name=name, EventBusName=bus)
    sqs.delete_queue(QueueUrl=url)


def where_in_the_stream(system: DeployedSystem, contact_id: str, item: str) -> dict[str, Any]:
    """What Lambda writes into a dead letter of a record that no try helped."""
    streams = system.client("dynamodbstreams")
    (stream,) = streams.list_streams(TableName=system.outputs["ConversationTable"])["Streams"]
    for shard in streams.describe_stream(StreamArn=stream["StreamArn"])["StreamDescription"]["Shards"]:
        iterator = streams.get_shard_iterator(
            StreamArn=stream["StreamArn"], ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while iterator and (page := streams.get_records(ShardIterator=iterator))["Records"]:
            for record in page["Records"]:
                keys = record["dynamodb"]["Keys"]
                if (keys["contact_id"]["S"], keys["item"]["S"]) == (contact_id, item):
                    number, arrival = record["dynamodb"]["SequenceNumber"], image(system, contact_id, item)["at"]["S"]
                    return {
                        "shardId": shard["ShardId"],
                        "startSequenceNumber": number,
                        "endSequenceNumber": number,
                        "approximateArrivalOfFirstRecord": arrival,
                        "approximateArrivalOfLastRecord": arrival,
                        "batchSize": 1,
                        "streamArn": stream["StreamArn"],
                    }
            iterator = page.get("NextShardIterator")
    raise LookupError(contact_id)


def given_up(system: DeployedSystem, follower: Callable[[], list[str]]) -> tuple[str, dict[str, Any]]:
    """A contact whose first entry was published, and where that lies in the stream."""
    _, contact_id = started(system)
    wait_until(lambda: f"{contact_id}/1" in follower(), seconds=PATIENCE_SECONDS)
    return contact_id, where_in_the_stream(system, contact_id, "entry#000000000001")


def test_an_entry_that_the_stream_gave_up_is_published_after_all(
    deployed_system: DeployedSystem, deployment: Deployment, follower: Callable[[], list[str]]
) -> None:
    contact_id, place = given_up(deployed_system, follower)
    leave(deployed_system, "Unpublished", {"requestContext": {}, "DDBStreamBatchInfo": place})

    assert redrive(deployment, "Unpublished") == "Unpublished: 1 brought back."
    wait_until(lambda: follower().count(f"{contact_id}/1") == 2, seconds=PATIENCE_SECONDS)
    assert left(deployed_system, "Unpublished") == 0


def test_an_entry_that_the_stream_has_forgotten_is_found_in_its_table(
    deployed_system: DeployedSystem, deployment: Deployment, follower: Callable[[], list[str]]
) -> None:
    contact_id, place = given_up(deployed_system, follower)
    gone = {**place, "shardId": "shardId-00000000000000000000-00000000"}
    leave(deployed_system, "Unpublished", {"requestContext": {}, "DDBStreamBatchInfo": gone})

    assert redrive(deployment, "Unpublished") == "Unpublished: 1 brought back."
    wait_until(lambda: follower().count(f"{contact_id}/1") == 2, seconds=PATIENCE_SECONDS)


def test_an_entry_that_was_set_aside_is_published_after_all(
    deployed_system: DeployedSystem, deployment: Deployment, follower: Callable[[], list[str]]
) -> None:
    _, contact_id = started(deployed_system)
    wait_until(lambda: f"{contact_id}/1" in follower(), seconds=PATIENCE_SECONDS)
    record = {"NewImage": image(deployed_system, contact_id, "entry#000000000001")}
    leave(deployed_system, "Unpublished", {"dynamodb": record})

    redrive(deployment, None)
    wait_until(lambda: follower().count(f"{contact_id}/1") == 2, seconds=PATIENCE_SECONDS)


def test_a_check_up_that_failed_is_made_after_all(deployed_system: DeployedSystem, deployment: Deployment) -> None:
    _, contact_id = started(deployed_system)
    scheduler = deployed_system.client("scheduler")

    def group_of_schedule() -> str | None:
        found = scheduler.list_schedules(NamePrefix=contact_id)["Schedules"]
        return found[0]["GroupName"] if found else None

    wait_until(lambda: group_of_schedule() is not None, seconds=PATIENCE_SECONDS)
    scheduler.delete_schedule(Name=contact_id, GroupName=group_of_schedule())
    leave(deployed_system, "CheckUps", {"contact_id": contact_id})

    assert redrive(deployment, "CheckUps") == "CheckUps: 1 brought back."
    wait_until(lambda: group_of_schedule() is not None, seconds=PATIENCE_SECONDS)
    assert left(deployed_system, "CheckUps") == 0


def test_a_queue_that_is_not_there_is_answered_with_those_that_are(deployment: Deployment) -> None:
    with pytest.raises(AdministrationError, match=r"no queue 'ShopEvents'.*CheckUps, Unpublished"):
        redrive(deployment, "ShopEvents")


def test_a_contact_that_was_lost_is_put_back_beside_what_was_written_since(
    deployed_system: DeployedSystem, deployment: Deployment
) -> None:
    device_id, contact_id = started(deployed_system, "one", "two")
    other_device, other = started(deployed_system, "before")
    table, dynamodb = deployed_system.outputs["ConversationTable"], deployed_system.client("dynamodb")
    # The emulator restores a table as it is now, whichever second is asked for: so it is asked before the damage.
    restored = f"{table}-{uuid.uuid4().hex[:8]}"
    dynamodb.restore_table_to_point_in_time(
        SourceTableName=table, TargetTableName=restored, UseLatestRestorableTime=True
    )
    before = entries(deployed_system, device_id, contact_id)
    lost = dynamodb.query(
        TableName=table,
        KeyConditionExpression="contact_id = :contact",
        ExpressionAttributeValues={":contact": {"S": contact_id}},
    )["Items"]
    for item in lost:
        dynamodb.delete_item(TableName=table, Key={name: item[name] for name in ("contact_id", "item")})
    frame = {"sellerId": "123456", "contact_id": other, "message": "since"}
    assert deployed_system.call("POST", "/sendmessage", frame, bearer=other_device).status == 200
    assert entries(deployed_system, device_id, contact_id) != before

    told = restore(deployment, Wanted(restored=restored, contact=contact_id))

    assert told == f"Conversations: {len(lost)} items put back, 0 were there. {restored} is deleted."
    assert entries(deployed_system, device_id, contact_id) == before
    assert entries(deployed_system, other_device, other)[-2:] == ["before", "since"]
    assert restored not in dynamodb.list_tables()["TableNames"]


def test_a_table_is_restored_to_a_second_and_what_is_there_stays_as_it_is(
    deployed_system: DeployedSystem, deployment: Deployment
) -> None:
    dynamodb, table = deployed_system.client("dynamodb"), deployed_system.outputs["SellerTable"]
    dynamodb.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    deployed_system.register_seller(f"seller-{uuid.uuid4().hex[:8]}", team="restored", capacity=1)
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 1))

    told = restore(deployment, Wanted(table="Sellers", at=at))

    assert told.startswith("Sellers: 0 items put back, ")
    assert [each for each in dynamodb.list_tables()["TableNames"] if each.startswith(f"{table}-")] == []
