"""Puts the domain together with its adapters."""

from __future__ import annotations

from dataclasses import dataclass, field

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
from chat.api.dispatch import Dispatch, Services
from chat.connections.connecting import Connecting
from chat.connections.delivery import Delivery
from chat.connections.sessions import Sessions
from chat.contacts import Attending, Lifecycle, Messaging, Reading, Signals, Starting
from chat.limits import Floodgate, Openings
from chat.log import Log
from chat.model.settings import Settings
from chat.ports.connections import ConnectionStore, Push
from chat.ports.conversations import ConversationStore
from chat.ports.machine import Clock, Ids, Journal, Parallel, Pause
from chat.ports.openings import OpeningCounter
from chat.ports.sellers import SellerStore
from chat.ports.shop import ContactDirectory, OwnDirectory
from chat.ports.strategies import Strategy
from chat.team import STRATEGIES, Assignment, LeastLoaded, Presence, Queue
from handlers import clients
from handlers.environment import Environment, MissingVariableError
from handlers.shop import Shop, shop_of


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the domain's services are built on: its ports, what a shop may put in place of ours, and the settings."""

    store: ConversationStore
    connections: ConnectionStore
    sellers: SellerStore
    push: Push
    clock: Clock
    ids: Ids
    pause: Pause
    parallel: Parallel
    journal: Journal
    settings: Settings
    directory: ContactDirectory = field(default_factory=OwnDirectory)
    strategy: Strategy = field(default_factory=LeastLoaded)
    openings: OpeningCounter | None = None


def services(given: Surroundings) -> Services:
    """The domain's services, each with what it needs of the others and of its surroundings."""
    log, delivery, assignment = _log(given), _delivery(given), _assignment(given)
    queue = Queue(
        store=given.store, log=log, assignment=assignment, delivery=delivery, clock=given.clock, ids=given.ids
    )
    lifecycle = Lifecycle(log=log, delivery=delivery, assignment=assignment, clock=given.clock, ids=given.ids)
    starting = _starting(given, log, delivery, assignment, queue)
    messaging = Messaging(
        log=log,
        starting=starting,
        assignment=assignment,
        delivery=delivery,
        clock=given.clock,
        ids=given.ids,
        settings=given.settings,
    )
    return Services(
        starting=starting,
        messaging=messaging,
        reading=Reading(log=log, store=given.store, sellers=given.sellers),
        signals=Signals(log=log, store=given.store, delivery=delivery),
        lifecycle=lifecycle,
        connecting=Connecting(connections=given.connections, sellers=given.sellers, clock=given.clock),
        presence=_presence(given, queue),
        queue=queue,
        attending=_attending(given, log, lifecycle, assignment, queue),
        sessions=Sessions(delivery=delivery),
        delivery=delivery,
        floodgate=Floodgate(push=given.push, clock=given.clock, journal=given.journal, settings=given.settings),
    )


def _log(given: Surroundings) -> Log:
    return Log(
        store=given.store,
        clock=given.clock,
        pause=given.pause,
        parallel=given.parallel,
        retention_days=given.settings.retention_days,
    )


def _delivery(given: Surroundings) -> Delivery:
    return Delivery(
        connections=given.connections,
        push=given.push,
        parallel=given.parallel,
        journal=given.journal,
        connections_per_person=given.settings.connections_per_person,
    )


def _assignment(given: Surroundings) -> Assignment:
    return Assignment(
        sellers=given.sellers,
        strategy=given.strategy,
        accepts_unknown=given.settings.accepts_unknown_sellers,
        clock=given.clock,
        journal=given.journal,
    )


def _starting(given: Surroundings, log: Log, delivery: Delivery, assignment: Assignment, queue: Queue) -> Starting:
    return Starting(
        store=given.store,
        connections=given.connections,
        directory=given.directory,
        openings=_openings(given, given.openings) if given.openings else None,
        assignment=assignment,
        queue=queue,
        log=log,
        delivery=delivery,
        clock=given.clock,
        ids=given.ids,
        pause=given.pause,
        journal=given.journal,
    )


def _openings(given: Surroundings, counter: OpeningCounter) -> Openings:
    return Openings(
        counter=counter,
        clock=given.clock,
        journal=given.journal,
        device_limit=given.settings.device_chats_per_hour,
        address_limit=given.settings.address_chats_per_hour,
    )


def _presence(given: Surroundings, queue: Queue) -> Presence:
    return Presence(
        sellers=given.sellers,
        queue=queue,
        clock=given.clock,
        accepts_unknown=given.settings.accepts_unknown_sellers,
        default_capacity=given.settings.default_capacity,
    )


def _attending(given: Surroundings, log: Log, lifecycle: Lifecycle, assignment: Assignment, queue: Queue) -> Attending:
    return Attending(
        log=log,
        lifecycle=lifecycle,
        assignment=assignment,
        queue=queue,
        clock=given.clock,
        lease_seconds=given.settings.lease_seconds,
        idle_seconds=given.settings.idle_seconds,
    )


@dataclass(frozen=True)
class System:
    """The services on AWS, and what handlers need beside them."""

    services: Services
    clock: Clock
    journal: Journal
    connections: DynamoDBConnections

    @property
    def dispatch(self) -> Dispatch:
        """What answers WebSocket frames."""
        return Dispatch(services=self.services, clock=self.clock, journal=self.journal)


def system(environment: Environment) -> System:
    """Everything on AWS, as the environment's variables say."""
    clock = SystemClock()
    journal = JsonJournal(environment.log_level)
    dynamodb = clients.dynamodb()
    conversations, sellers = environment.text("CONVERSATION_TABLE"), environment.text("SELLER_TABLE")
    connections = DynamoDBConnections(dynamodb, environment.text("CONNECTION_TABLE"), clock)
    shop = shop_of(environment)
    return System(
        services=services(
            Surroundings(
                store=DynamoDBConversations(dynamodb, conversations, sellers),
                connections=connections,
                sellers=DynamoDBSellers(dynamodb, sellers, journal),
                push=WebSocketPush(clients.api_gateway_management()),
                clock=clock,
                ids=RandomIds(),
                pause=Jitter(),
                parallel=Threads(clients.POOL_SIZE),
                journal=journal,
                settings=environment.settings,
                directory=PhpContactDirectory(shop.client) if shop else OwnDirectory(),
                strategy=_strategy(environment.assignment, shop),
                openings=DynamoDBOpenings(dynamodb, environment.text("CONNECTION_TABLE")),
            )
        ),
        clock=clock,
        journal=journal,
        connections=connections,
    )


def _strategy(name: str, shop: Shop | None) -> Strategy:
    if name == "external":
        if shop is None:
            raise MissingVariableError("ASSIGNMENT=external needs PHP_API_URL.")
        return ShopChooser(shop.client)
    if name not in STRATEGIES:
        raise MissingVariableError(f"ASSIGNMENT={name} is none of external, {', '.join(STRATEGIES)}.")
    return STRATEGIES[name]()
