"""Puts the domain together with its adapters."""

from __future__ import annotations

from chat.adapters.dynamodb_connections import DynamoDBConnections
from chat.adapters.dynamodb_conversations import DynamoDBConversations
from chat.adapters.json_journal import JsonJournal
from chat.adapters.system import Jitter, RandomIds, SystemClock
from chat.adapters.threads import Threads
from chat.adapters.websocket_push import WebSocketPush
from chat.connecting import Connecting
from chat.delivery import Delivery
from chat.dispatch import Dispatch, Services
from chat.lifecycle import Lifecycle
from chat.log import Log
from chat.messaging import Messaging
from chat.ports import Clock, ConnectionStore, ConversationStore, Ids, Journal, Parallel, Pause, Push
from chat.reading import Reading
from chat.settings import Settings
from chat.signals import Signals
from chat.starting import Starting
from handlers import clients
from handlers.environment import Environment


def services(
    *,
    store: ConversationStore,
    connections: ConnectionStore,
    push: Push,
    clock: Clock,
    ids: Ids,
    pause: Pause,
    parallel: Parallel,
    journal: Journal,
    settings: Settings,
) -> Services:
    """The domain's services on any implementation of its ports."""
    log = Log(store=store, clock=clock, pause=pause, parallel=parallel, retention_days=settings.retention_days)
    delivery = Delivery(connections=connections, push=push, parallel=parallel, journal=journal)
    starting = Starting(
        store=store,
        connections=connections,
        log=log,
        delivery=delivery,
        clock=clock,
        ids=ids,
        pause=pause,
        journal=journal,
    )
    return Services(
        starting=starting,
        messaging=Messaging(log=log, starting=starting, delivery=delivery, clock=clock, ids=ids, settings=settings),
        reading=Reading(log=log, store=store),
        signals=Signals(log=log, store=store, delivery=delivery),
        lifecycle=Lifecycle(log=log, delivery=delivery, ids=ids),
        connecting=Connecting(connections=connections, clock=clock),
    )


def dispatch(environment: Environment) -> Dispatch:
    """Frames answered on AWS."""
    clock = SystemClock()
    journal = JsonJournal(environment.log_level)
    dynamodb = clients.dynamodb()
    return Dispatch(
        services=services(
            store=DynamoDBConversations(dynamodb, environment.text("CONVERSATION_TABLE")),
            connections=DynamoDBConnections(dynamodb, environment.text("CONNECTION_TABLE"), clock),
            push=WebSocketPush(clients.api_gateway_management()),
            clock=clock,
            ids=RandomIds(),
            pause=Jitter(),
            parallel=Threads(clients.POOL_SIZE),
            journal=journal,
            settings=environment.settings,
        ),
        clock=clock,
        journal=journal,
    )
