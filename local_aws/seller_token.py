"""`make seller-token SELLER=123456`: prints a token with which that seller connects to the local system."""

import argparse
import sys
import time

import boto3
import jwt

from local_aws.emulator import REGION
from local_aws.errors import LocalSystemError
from local_aws.home import running_outputs

ISSUER = AUDIENCE = "seller-chat"
LIFETIME_SECONDS = 8 * 3600


def seller_token(seller_id: str, outputs: dict[str, str], *, lifetime_seconds: int = LIFETIME_SECONDS) -> str:
    """Return a JWT (RFC 7519, HS256) that proves its bearer to be this seller.

    Args:
        seller_id: the seller's id, the token's subject.
        outputs: the system's outputs; its signing key is read from its Secrets Manager.
        lifetime_seconds: how long it is valid; a negative one makes an expired token.
    """
    secrets = boto3.client(
        "secretsmanager",
        endpoint_url=outputs["Endpoint"],
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106
    )
    key = secrets.get_secret_value(SecretId=outputs["SellerTokenSecret"])["SecretString"]
    now = int(time.time())
    claims = {
        "sub": seller_id,
        "role": "seller",
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + lifetime_seconds,
    }
    return jwt.encode(claims, key, algorithm="HS256")


def main() -> int:
    """Print the token; return 1 after one line on standard error if no system is running."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("seller_id")
    try:
        token = seller_token(arguments.parse_args().seller_id, running_outputs())
    except LocalSystemError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{token}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
