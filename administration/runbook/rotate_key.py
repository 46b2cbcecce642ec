"""`make rotate-key`: a new key, beside which the one before stays good until it is forgotten.

Secrets Manager keeps both versions. The functions believe tokens that either has signed, and see a new key at the first
token that the old one does not explain.
"""

from __future__ import annotations

import secrets
import string
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from administration.command_line import answer, deployment_asked_for, parser_for
from administration.deployments import Deployment
from administration.errors import AdministrationError
from administration.visitor_data import services_of
from chat.model.identity import Role
from chat.ports.connections import Connection

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

KEYS = {"seller-token": "SellerTokenSecret", "shop": "PhpApiSecret"}
"""What can be rotated, and the outputs that name its secret."""
PREVIOUS = "AWSPREVIOUS"
FORGOTTEN_SECONDS = 360
"""After which no function believes a key any more that Secrets Manager has forgotten, for which they ask every five
minutes, and no ticket is good any more that it has got."""
_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 64


def rotate(deployment: Deployment, key: str) -> str:
    """Make a new key. The one before stays good beside it.

    Raises `AdministrationError` for an unknown key, and botocore's errors where AWS cannot be asked.
    """
    name, manager = _name(deployment, key), _manager(deployment)
    if PREVIOUS in _stages(deployment, name):
        raise AdministrationError(
            f"Two keys are good already: end the older one first, make rotate-key KEY={key} FORGET=1."
        )
    new = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    manager.put_secret_value(SecretId=name, SecretString=new)
    return f"{key} has a new key; the old one stays good. Give the new one to the shop's back end, then FORGET=1."


def forget(deployment: Deployment, key: str, pause: Callable[[float], None] = time.sleep) -> str:
    """Let only the newest key be good, and end what sellers opened with the one before, whoever they are.

    Where that was cut off it may be repeated. Raises `AdministrationError` where no other key of the shop's back end
    is, or something could not be ended, and botocore's errors where AWS cannot be asked.
    """
    name, manager = _name(deployment, key), _manager(deployment)
    old = _stages(deployment, name).get(PREVIOUS)
    if old is None and key != "seller-token":
        raise AdministrationError(f"{key} has one key only, so there is none to forget.")
    if old is not None:
        manager.update_secret_version_stage(SecretId=name, VersionStage=PREVIOUS, RemoveFromVersionId=old)
    if key != "seller-token":
        return f"The old key of {key} is good for five minutes more at most."
    ended = _end_sessions(deployment)
    sys.stderr.write("The functions forget the old key within five minutes; what it opens until then is ended, too.\n")
    pause(FORGOTTEN_SECONDS)
    ended += _end_sessions(deployment)
    return f"The old key of {key} is forgotten, and {ended} connections of sellers are ended."


def _end_sessions(deployment: Deployment) -> int:
    """End every connection of a seller: none tells with which key it was opened. Whose token is good comes back.

    Raises `AdministrationError` if one could not be ended.
    """
    delivery = services_of(deployment).delivery
    dynamodb = deployment.session.client("dynamodb", endpoint_url=deployment.endpoint)
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=deployment.outputs["ConnectionTable"],
        FilterExpression="#role = :seller",
        ExpressionAttributeNames={"#role": "role"},
        ExpressionAttributeValues={":seller": {"S": Role.SELLER}},
        ConsistentRead=True,
    )
    found = [
        Connection(item["connectionId"]["S"], item["userId"]["S"], Role.SELLER, item["connectedAt"]["S"])
        for page in pages
        for item in page["Items"]
    ]
    ended = sum(map(delivery.close, found))
    if ended < len(found):
        raise AdministrationError(f"{len(found) - ended} connections could not be ended: say FORGET=1 once more.")
    return ended


def _name(deployment: Deployment, key: str) -> str:
    if key not in KEYS:
        raise AdministrationError(f"Say which key: KEY= with one of {', '.join(KEYS)}.")
    if KEYS[key] not in deployment.outputs:
        raise AdministrationError("There is no key of the shop's back end here: it was deployed without PHP_API_URL.")
    return deployment.outputs[KEYS[key]]


def _manager(deployment: Deployment) -> SecretsManagerClient:
    return deployment.session.client("secretsmanager", endpoint_url=deployment.endpoint)


def _stages(deployment: Deployment, name: str) -> dict[str, str]:
    """The versions of a secret, by what they are called."""
    versions = _manager(deployment).describe_secret(SecretId=name)["VersionIdsToStages"]
    return {stage: version for version, stages in versions.items() for stage in stages}


def main() -> int:
    """Rotate or forget; return 1 after one line on standard error that says why not."""
    parser = parser_for(__doc__)
    parser.add_argument("key")
    parser.add_argument("--forget", action="store_true")
    arguments = parser.parse_args()
    return answer(lambda: (forget if arguments.forget else rotate)(deployment_asked_for(arguments), arguments.key))


if __name__ == "__main__":
    sys.exit(main())
