"""Puts all rules in front of the emulator and into it."""

from typing import TYPE_CHECKING

from local_aws.strict.connection_times import ConnectionTimes
from local_aws.strict.frame_sizes import limit_sizes
from local_aws.strict.gateway_answers import answer_as_gateway
from local_aws.strict.indexes import let_indexes_lag
from local_aws.strict.loops import end_loops
from local_aws.strict.partition_keys import hold_to_partition_keys
from local_aws.strict.stream_batches import repeat_what_failed
from local_aws.strict.switches import Strictness

if TYPE_CHECKING:
    from hypercorn.typing import ASGIFramework


def hold(application: "ASGIFramework", strictness: Strictness) -> "ASGIFramework":
    """Return the emulator's application held to the rules; to be called before it starts."""
    limit_sizes(strictness)
    answer_as_gateway(strictness)
    hold_to_partition_keys(strictness)
    let_indexes_lag(strictness)
    repeat_what_failed(strictness)
    end_loops(strictness)
    return ConnectionTimes(application, strictness)
