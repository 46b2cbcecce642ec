"""`make seller-token SELLER=123456`: prints a token with which that seller connects.

On AWS it is for the first try of a deployment, until the shop's back end signs its sellers in; who may read the secret
that signs tokens may make them anyway.
"""

from __future__ import annotations

import sys
import time

import jwt

from administration.command_line import answer, deployment_asked_for, parser_for
from administration.deployments import LOCAL, Deployment
from administration.errors import AdministrationError
from chat.access.tokens import SHARED_SECRET
from chat.model.identity import Principal, Role, is_seller_id

WORKING_DAY_SECONDS = 8 * 3600
HOUR_SECONDS = 3600


def seller_token(seller_id: str, key: str, *, lifetime_seconds: int) -> str:
    """A JWT (RFC 7519) that proves its bearer to be this seller; a negative lifetime makes an expired one."""
    return token_of(Principal(seller_id, Role.SELLER), key, lifetime_seconds=lifetime_seconds)


def token_of(person: Principal, key: str, *, lifetime_seconds: int) -> str:
    """A JWT that proves its bearer to be this person."""
    now = int(time.time())
    claims = {
        "sub": person.user_id,
        "role": person.role,
        "iss": SHARED_SECRET.issuer,
        "aud": SHARED_SECRET.audience,
        "iat": now,
        "exp": now + lifetime_seconds,
    }
    return jwt.encode(claims, key, algorithm=SHARED_SECRET.algorithms[0])


def issue(deployment: Deployment, seller_id: str) -> str:
    """A token for a deployment's seller: for a working day if it is local, else for an hour.

    Raises `AdministrationError`, and botocore's errors where AWS cannot be asked.
    """
    if not is_seller_id(seller_id):
        raise AdministrationError(f"{seller_id!r} is no seller_id; use 1 to 128 of A-Z a-z 0-9 . _ : @ -.")
    secrets = deployment.session.client("secretsmanager", endpoint_url=deployment.endpoint)
    key = secrets.get_secret_value(SecretId=deployment.outputs["SellerTokenSecret"])["SecretString"]
    lifetime = WORKING_DAY_SECONDS if deployment.environment == LOCAL else HOUR_SECONDS
    return seller_token(seller_id, key, lifetime_seconds=lifetime)


def main() -> int:
    """Print the token; return 1 after one line on standard error that says why not."""
    parser = parser_for(__doc__)
    parser.add_argument("seller_id")
    arguments = parser.parse_args()
    return answer(lambda: issue(deployment_asked_for(arguments), arguments.seller_id))


if __name__ == "__main__":
    sys.exit(main())
