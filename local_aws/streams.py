"""DynamoDB streams that survive a restart of the emulator.

MiniStack saves how far the readers of a stream have come, but not its records. After a restart the readers would
wait at their old number until as many new records have been written, and never see those.
"""

from ministack.services import lambda_svc


def begin_anew() -> None:
    """Let every reader begin where the stream does; to be called before the emulator loads its state."""
    lambda_svc._restore_esm_positions = _keep_none


def _keep_none(_store: object, _positions: object) -> None:
    return None
