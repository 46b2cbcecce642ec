"""How much API Gateway lets through of each route, and DynamoDB of each table."""

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ministack.services import apigateway, dynamodb

from local_aws.strict.switches import Strictness

TOO_MANY = "Too Many Requests"
READS = ("GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems")
WRITES = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems")

_proxy, _handle = apigateway._invoke_lambda_proxy, dynamodb.handle_request


@dataclass
class Bucket:
    """Lets a burst through, and then so many a second."""

    per_second: float
    burst: float
    left: float = field(init=False)
    counted_at: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        """Begin with a whole burst."""
        self.left = self.burst

    def lets_through(self) -> bool:
        """Take one, if there is one."""
        now = time.monotonic()
        self.left = min(self.burst, self.left + (now - self.counted_at) * self.per_second)
        self.counted_at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Routes:
    """The routes of all APIs, with what their stages say of each; where a stage says nothing, all is let through."""

    def __init__(self) -> None:
        self._buckets: dict[tuple[str, str, str], Bucket] = {}

    def let_through(self, api: str, stage: str, route: str) -> bool:
        """Whether one more request is let through; to be called in the scope of the API's account."""
        described: Mapping[str, Any] = apigateway._stages.get(api, {}).get(stage, {})
        settings = (described.get("routeSettings") or {}).get(route) or described.get("defaultRouteSettings") or {}
        named = {name.lower(): value for name, value in settings.items()}
        rate, burst = named.get("throttlingratelimit"), named.get("throttlingburstlimit")
        if rate is None or burst is None:
            return True
        bucket = self._buckets.get((api, stage, route))
        if bucket is None or (bucket.per_second, bucket.burst) != (float(rate), float(burst)):
            bucket = self._buckets[api, stage, route] = Bucket(float(rate), float(burst))
        return bucket.lets_through()


def throttle(strictness: Strictness, routes: Routes) -> None:
    """Refuse what is too much over REST and of tables; to be called before the emulator starts."""
    apigateway._invoke_lambda_proxy = _throttled_calls(routes) if strictness.route_throttles else _proxy
    dynamodb.handle_request = _throttled_tables(strictness)


def _throttled_calls(routes: Routes) -> Callable[..., Awaitable[Any]]:
    async def invoke(*call: Any, **more: Any) -> Any:
        api, stage, route = call[1], call[2], call[8]
        if not routes.let_through(api, stage, route):
            return 429, {"Content-Type": "application/json"}, json.dumps({"message": TOO_MANY}).encode()
        return await _proxy(*call, **more)

    return invoke


def _throttled_tables(strictness: Strictness) -> Callable[..., Awaitable[Any]]:
    buckets: dict[tuple[str, bool], Bucket] = {}

    async def handle(*request: Any) -> Any:
        headers, body = request[2:4]
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        limit = strictness.table_writes if operation in WRITES else strictness.table_reads
        if limit is not None and operation in (*READS, *WRITES):
            for table in _tables(body):
                bucket = buckets.setdefault((table, operation in WRITES), Bucket(limit, limit))
                if not bucket.lets_through():
                    return _throttled()
        return await _handle(*request)

    return handle


def _tables(body: bytes) -> set[str]:
    try:
        request = json.loads(body or b"{}")
        named = {request["TableName"]} if "TableName" in request else set()
        named |= set(request.get("RequestItems", {}))
        return named | {each["TableName"] for item in request.get("TransactItems", []) for each in item.values()}
    except (ValueError, TypeError, AttributeError, KeyError):
        # What cannot be read is refused for what it is.
        return set()


def _throttled() -> tuple[int, dict[str, str], bytes]:
    error = {
        "__type": "com.amazon.coral.availability#ThrottlingException",
        "message": "Throughput exceeds the current capacity of your table or index.",
    }
    return 400, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps(error).encode()
