"""Puts the chat together with AWS."""

from __future__ import annotations

from chat.adapters.dynamodb.connections import DynamoDBConnections
from chat.adapters.dynamodb.conversations import DynamoDBConversations
from chat.adapters.dynamodb.openings import DynamoDBOpenings
from chat.adapters.dynamodb.sellers import DynamoDBSellers
from chat.adapters.json_journal import JsonJournal
from chat.adapters.shop.chooser import ShopChooser
from chat.adapters.shop.directory import PhpContactDirectory
from chat.adapters.system import Jitter, RandomIds, SystemClock
from chat.adapters.threads import Threads
from chat.adapters.websocket_push import WebSocketPush
from chat.ports.machine import Runtime
from chat.ports.shop import OwnDirectory
from chat.ports.strategies import Strategy
from chat.services import Ports, Services
from chat.team import STRATEGIES
from handlers import clients
from handlers.shop import Shop, shop_of
from handlers.variables import ConnectionTable, Conversations, Logging, SellerTable, ShopAddress, VariableError, read


def services(*, lease_seconds: int | None = None) -> Services:
    """The chat on AWS, as the function's variables say. Raises `VariableError`."""
    dynamodb = clients.dynamodb()
    runtime = Runtime(
        clock=SystemClock(),
        ids=RandomIds(),
        pause=Jitter(),
        parallel=Threads(clients.POOL_SIZE),
        journal=JsonJournal(read(Logging).log_level),
    )
    connections, sellers = read(ConnectionTable).connection_table, read(SellerTable).seller_table
    conversations = read(Conversations)
    shop = shop_of(read(ShopAddress))
    return Services(
        Ports(
            store=DynamoDBConversations(dynamodb, conversations.conversation_table, sellers),
            connections=DynamoDBConnections(dynamodb, connections, runtime.clock),
            sellers=DynamoDBSellers(dynamodb, sellers, runtime.journal),
            push=WebSocketPush(clients.api_gateway_management()),
            runtime=runtime,
            settings=conversations.settings(lease_seconds=lease_seconds),
            directory=PhpContactDirectory(shop.client) if shop else OwnDirectory(),
            strategy=_strategy(conversations.assignment, shop),
            openings=DynamoDBOpenings(dynamodb, connections),
        )
    )


def _strategy(name: str, shop: Shop | None) -> Strategy:
    if name == "external":
        if shop is None:
            raise VariableError("ASSIGNMENT=external needs PHP_API_URL.")
        return ShopChooser(shop.client)
    if name not in STRATEGIES:
        raise VariableError(f"ASSIGNMENT={name} is none of external, {', '.join(STRATEGIES)}.")
    return STRATEGIES[name]()
