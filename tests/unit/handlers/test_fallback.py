"""What has no route of its own is answered, too."""

from __future__ import annotations

from tests.worlds.deployment import VISITOR, Functions


def test_an_action_without_a_route_is_unknown(functions: Functions) -> None:
    reply = functions.send_raw(VISITOR, "v1", '{"action": "inbox"}', route="fallback")

    assert (reply["code"], reply["of"]) == ("unknown_action", "inbox")
