"""What an operator is told when a command cannot be carried out."""


class AdministrationError(Exception):
    """Nothing was done; the message is one line that says what to do."""
