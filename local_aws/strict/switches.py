"""Which rules of AWS the emulator is held to, with AWS's own values."""

import json
from dataclasses import asdict, dataclass

KILOBYTE = 1024


@dataclass(frozen=True, kw_only=True)
class Strictness:
    """A switch for each rule; None or False switches it off, other values than AWS's make it quicker to meet."""

    frame_bytes: int | None = 32 * KILOBYTE
    """A larger frame closes its connection with 1009.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
    """

    message_bytes: int | None = 128 * KILOBYTE
    """So does a larger message, in however many frames it comes. The same page."""

    text_only: bool = True
    """A binary frame closes its connection with 1003.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-develop-binary-media-types.html
    """

    idle_seconds: float | None = 600
    """A connection over which nothing goes for so long is closed with 1001. The page of `frame_bytes`."""

    lifetime_seconds: float | None = 7200
    """Any connection is closed with 1001 after that. The page of `frame_bytes`."""

    own_frames: bool = True
    """A function that fails is answered for by the gateway: `message`, `connectionId` and `requestId`, and no `action`.

    AWS's documents say nothing of it; https://github.com/Kludex/mangum/issues/128 shows one.
    """

    route_responses: bool = True
    """What a function returns goes back only where its route has a response.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-response.html
    """

    empty_frames: bool = True
    """A route that has one sends an empty frame where its function returns no body.

    https://github.com/serverless/serverless/issues/6816
    """

    integration_seconds: float | None = 29
    """A function that takes longer is answered for with `Endpoint request timed out`. The page of `frame_bytes`."""

    longest_detour_seconds: float | None = 0.03
    """How long a frame may be held up.

    Frames of one connection are handled side by side and may overtake each other; AWS promises no order.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-overview.html
    """

    detours: float = 0.2
    """How many of them are held up at all."""

    route_throttles: bool = True
    """What a stage lets through of each route is all that passes: "Too Many Requests" for the rest, and 429 over REST.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-protect.html
    """

    table_writes: float | None = 4_000
    """Requests a second that a new on-demand table takes to write; the rest is answered with `ThrottlingException`.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
    """

    table_reads: float | None = 12_000
    """The same to read."""

    partition_keys: bool = True
    """Policies with a condition on `dynamodb:LeadingKeys` are held to it.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
    """

    longest_index_lag_seconds: float | None = 0.05
    """How late a change may be there.

    A change reaches global secondary indexes later than its table: "a fraction of a second", AWS says.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.Writes
    """

    stream_failures: bool = True
    """A batch of a stream goes on at the first record that failed, and one that fails as a whole is halved.

    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
    """

    loops: bool = True
    """A message that has led to another one of the same function 16 times becomes a dead letter.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
    """

    seed: int = 1
    """Decides what is left to chance."""

    def as_json(self) -> str:
        """For the environment of the emulator's process."""
        return json.dumps(asdict(self))

    @classmethod
    def of_json(cls, text: str) -> "Strictness":
        """What `as_json` wrote."""
        return cls(**json.loads(text))
