"""What can go wrong with the local system, said in one line."""


class LocalSystemError(Exception):
    """The local system cannot start or be reached; the message is one line that says what to do."""
