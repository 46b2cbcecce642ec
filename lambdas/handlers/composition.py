"""Puts the chat together with AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat.adapters.dynamodb.blocks import DynamoDBBlocks
from chat.adapters.dynamodb.connections import DynamoDBConnections
from chat.adapters.dynamodb.conversations import DynamoDBConversations
from chat.adapters.dynamodb.notes import DynamoDBNotes
from chat.adapters.dynamodb.openings import DynamoDBOpenings
from chat.adapters.dynamodb.sellers import DynamoDBSellers
from chat.adapters.system import Jitter, RandomIds, SystemClock
from chat.adapters.threads import Threads
from chat.adapters.websocket_push import WebSocketPush
from chat.ports.check_ups import CheckUps, NoCheckUps
from chat.ports.machine import Runtime
from chat.ports.shop import OwnDirectory
from chat.ports.strategies import Strategy
from chat.services import Ports, Services
from chat.team import STRATEGIES
from handlers import clients
from handlers.variables import ConnectionTable, Conversations, Logging, SellerTable, ShopAddress, VariableError, read

if TYPE_CHECKING:
    from handlers.shop import Shop


def services(*, lease_seconds: int | None = None, check_ups: CheckUps | None = None) -> Services:
    """The chat on AWS, as the function's variables say; what looks after contacts brings the last two.

    Raises `VariableError`.
    """
    dynamodb = clients.dynamodb()
    runtime = Runtime(
        clock=SystemClock(),
        ids=RandomIds(),
        pause=Jitter(),
        parallel=Threads(clients.POOL_SIZE),
        journal=read(Logging).journal(),
    )
    connections, sellers = read(ConnectionTable).connection_table, read(SellerTable).seller_table
    conversations = read(Conversations)
    shop = shop_of(read(ShopAddress))
    return Services(
        Ports(
            store=DynamoDBConversations(dynamodb, conversations.conversation_table, sellers),
            connections=DynamoDBConnections(dynamodb, connections, runtime.clock),
            sellers=DynamoDBSellers(dynamodb, sellers, runtime.journal),
            blocks=DynamoDBBlocks(dynamodb, conversations.conversation_table),
            notes=DynamoDBNotes(dynamodb, conversations.conversation_table),
            push=WebSocketPush(clients.api_gateway_management()),
            runtime=runtime,
            settings=conversations.settings(lease_seconds=lease_seconds),
            directory=shop.directory(runtime.journal) if shop else OwnDirectory(),
            strategy=_strategy(conversations.assignment, shop),
            openings=DynamoDBOpenings(dynamodb, connections),
            check_ups=check_ups or NoCheckUps(),
        )
    )


def shop_of(address: ShopAddress) -> Shop | None:
    """The shop's back end, where there is one. Raises `VariableError` for an address without a key."""
    if address.php_api_url is None:
        return None
    # Not before: its HTTP client is a third of a cold start, and many a shop has no back end.
    from handlers.shop import required_shop

    return required_shop(address)


def _strategy(name: str, shop: Shop | None) -> Strategy:
    if name == "external":
        if shop is None:
            raise VariableError("ASSIGNMENT=external needs PHP_API_URL.")
        return shop.chooser
    if name not in STRATEGIES:
        raise VariableError(f"ASSIGNMENT={name} is none of external, {', '.join(STRATEGIES)}.")
    return STRATEGIES[name]()
