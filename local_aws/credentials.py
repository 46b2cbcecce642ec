"""The key of one run of the local AWS: a program that does not read it here cannot guess it."""

import secrets
from dataclasses import dataclass, field

import boto3


@dataclass(frozen=True)
class Credentials:
    """An access key of the account's owner."""

    access_key_id: str
    secret_access_key: str = field(repr=False)

    @classmethod
    def random(cls) -> "Credentials":
        """A key that was never there before."""
        return cls(f"AKIA{secrets.token_hex(16).upper()}", secrets.token_hex(20))

    def as_variables(self) -> dict[str, str]:
        """The environment variables in which every AWS client looks for it."""
        return {"AWS_ACCESS_KEY_ID": self.access_key_id, "AWS_SECRET_ACCESS_KEY": self.secret_access_key}

    def session(self, region: str) -> boto3.Session:
        """The account as its owner sees it."""
        return boto3.Session(
            aws_access_key_id=self.access_key_id, aws_secret_access_key=self.secret_access_key, region_name=region
        )
