"""The services of the chat, put together from its ports. Each is built when a function first asks for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from chat.connections.connecting import Connecting
from chat.connections.delivery import Delivery
from chat.connections.sessions import Sessions
from chat.contacts import (
    Attending,
    Blocking,
    Holding,
    Lifecycle,
    Messaging,
    Reading,
    Registration,
    Reopening,
    Signals,
    Starting,
)
from chat.ledger import Ledger
from chat.limits import Blocks, Floodgate, Openings, Uncounted
from chat.lists.lines import Lines
from chat.lists.searching import Searching
from chat.log import Log
from chat.model.settings import Settings
from chat.ports.check_ups import CheckUps, NoCheckUps
from chat.ports.connections import ConnectionStore, Push
from chat.ports.conversations import ConversationStore, NoteStore
from chat.ports.limits import BlockStore, OpeningCounter
from chat.ports.machine import Runtime
from chat.ports.sellers import SellerStore
from chat.ports.shop import ContactDirectory, OwnDirectory
from chat.ports.strategies import Strategy
from chat.team import Assignment, Colleagues, LeastLoaded, Notes, Presence, Queue, Replies, Snoozing, Tags, WaitingLine


@dataclass(frozen=True, kw_only=True)
class Ports:
    """What the services are built on: the stores, what a shop may put in place of ours, the machine, the settings."""

    store: ConversationStore
    connections: ConnectionStore
    sellers: SellerStore
    blocks: BlockStore
    notes: NoteStore
    push: Push
    runtime: Runtime
    settings: Settings
    directory: ContactDirectory = field(default_factory=OwnDirectory)
    strategy: Strategy = field(default_factory=LeastLoaded)
    openings: OpeningCounter = field(default_factory=Uncounted)
    check_ups: CheckUps = field(default_factory=NoCheckUps)


class Services:
    """What frames, calls and events ask for."""

    def __init__(self, ports: Ports) -> None:
        self.ports = ports

    @cached_property
    def log(self) -> Log:
        """The logs of contacts."""
        ports = self.ports
        return Log(store=ports.store, runtime=ports.runtime, retention_days=ports.settings.retention_days)

    @cached_property
    def delivery(self) -> Delivery:
        """The way to people's connections."""
        ports = self.ports
        return Delivery(
            connections=ports.connections,
            push=ports.push,
            runtime=ports.runtime,
            connections_per_person=ports.settings.connections_per_person,
        )

    @cached_property
    def ledger(self) -> Ledger:
        """Writing and telling."""
        return Ledger(log=self.log, delivery=self.delivery, runtime=self.ports.runtime)

    @cached_property
    def connecting(self) -> Connecting:
        """Connections that open and close."""
        ports, runtime = self.ports, self.ports.runtime
        return Connecting(connections=ports.connections, sellers=ports.sellers, clock=runtime.clock)

    @cached_property
    def sessions(self) -> Sessions:
        """Signing out."""
        return Sessions(delivery=self.delivery)

    @cached_property
    def floodgate(self) -> Floodgate:
        """The limit of frames."""
        ports, runtime = self.ports, self.ports.runtime
        return Floodgate(push=ports.push, clock=runtime.clock, journal=runtime.journal, settings=ports.settings)

    @cached_property
    def blocks(self) -> Blocks:
        """Who may open no contact, and is given to no seller."""
        return Blocks(store=self.ports.blocks, clock=self.ports.runtime.clock)

    @cached_property
    def openings(self) -> Openings:
        """Who may open and reopen contacts."""
        ports, settings = self.ports, self.ports.settings
        return Openings(
            counter=ports.openings,
            blocks=self.blocks,
            runtime=ports.runtime,
            device_limit=settings.device_chats_per_hour,
            address_limit=settings.address_chats_per_hour,
        )

    @cached_property
    def assignment(self) -> Assignment:
        """Who may be given a contact."""
        ports, runtime = self.ports, self.ports.runtime
        return Assignment(
            sellers=ports.sellers,
            strategy=ports.strategy,
            accepts_unknown=ports.settings.accepts_unknown_sellers,
            clock=runtime.clock,
            journal=runtime.journal,
        )

    @cached_property
    def queue(self) -> Queue:
        """Contacts that wait."""
        return Queue(
            store=self.ports.store,
            log=self.log,
            ledger=self.ledger,
            delivery=self.delivery,
            assignment=self.assignment,
            blocks=self.blocks,
            runtime=self.ports.runtime,
        )

    @cached_property
    def waiting_line(self) -> WaitingLine:
        """Who waits, as sellers see it."""
        return WaitingLine(
            log=self.log,
            ledger=self.ledger,
            delivery=self.delivery,
            assignment=self.assignment,
            runtime=self.ports.runtime,
        )

    @cached_property
    def notes(self) -> Notes:
        """What sellers write for each other."""
        ports = self.ports
        return Notes(
            log=self.log,
            store=ports.notes,
            delivery=self.delivery,
            waiting_line=self.waiting_line,
            runtime=ports.runtime,
        )

    @cached_property
    def tags(self) -> Tags:
        """What sellers call contacts."""
        ports = self.ports
        return Tags(
            log=self.log,
            store=ports.notes,
            delivery=self.delivery,
            waiting_line=self.waiting_line,
            clock=ports.runtime.clock,
        )

    @cached_property
    def colleagues(self) -> Colleagues:
        """Who else is in a team."""
        return Colleagues(sellers=self.ports.sellers, clock=self.ports.runtime.clock)

    @cached_property
    def replies(self) -> Replies:
        """What the sellers of a team share."""
        return Replies(sellers=self.ports.sellers, pause=self.ports.runtime.pause)

    @cached_property
    def presence(self) -> Presence:
        """What sellers say of themselves."""
        ports = self.ports
        return Presence(
            sellers=ports.sellers,
            queue=self.queue,
            delivery=self.delivery,
            clock=ports.runtime.clock,
            accepts_unknown=ports.settings.accepts_unknown_sellers,
            default_capacity=ports.settings.default_capacity,
        )

    @cached_property
    def starting(self) -> Starting:
        """Opening contacts."""
        runtime = self.ports.runtime
        return Starting(
            log=self.log,
            ledger=self.ledger,
            connecting=self.connecting,
            registration=Registration(directory=self.ports.directory, openings=self.openings, runtime=runtime),
            assignment=self.assignment,
            queue=self.queue,
            runtime=runtime,
        )

    @cached_property
    def reopening(self) -> Reopening:
        """Reopening contacts."""
        ports = self.ports
        return Reopening(
            log=self.log,
            lifecycle=self.lifecycle,
            assignment=self.assignment,
            queue=self.queue,
            openings=self.openings,
            clock=ports.runtime.clock,
            settings=ports.settings,
        )

    @cached_property
    def messaging(self) -> Messaging:
        """Messages."""
        return Messaging(
            log=self.log,
            ledger=self.ledger,
            starting=self.starting,
            reopening=self.reopening,
            queue=self.queue,
            runtime=self.ports.runtime,
            settings=self.ports.settings,
        )

    @cached_property
    def reading(self) -> Reading:
        """Reading logs and inboxes."""
        parallel = self.ports.runtime.parallel
        return Reading(
            log=self.log,
            store=self.ports.store,
            sellers=self.ports.sellers,
            waiting_line=self.waiting_line,
            lines=Lines(log=self.log, parallel=parallel),
            parallel=parallel,
            tags=self.tags,
        )

    @cached_property
    def searching(self) -> Searching:
        """Finding something in one's contacts."""
        return Searching(log=self.log, store=self.ports.store, runtime=self.ports.runtime)

    @cached_property
    def signals(self) -> Signals:
        """Receipts and typing."""
        return Signals(
            log=self.log,
            store=self.ports.store,
            delivery=self.delivery,
            blocks=self.blocks,
            parallel=self.ports.runtime.parallel,
        )

    @cached_property
    def lifecycle(self) -> Lifecycle:
        """Closing and handing over."""
        return Lifecycle(
            log=self.log,
            ledger=self.ledger,
            delivery=self.delivery,
            assignment=self.assignment,
            queue=self.queue,
            blocks=self.blocks,
            runtime=self.ports.runtime,
        )

    @cached_property
    def blocking(self) -> Blocking:
        """Keeping a visitor away."""
        return Blocking(log=self.log, lifecycle=self.lifecycle, blocks=self.blocks, assignment=self.assignment)

    @cached_property
    def snoozing(self) -> Snoozing:
        """Putting contacts away for a while."""
        ports = self.ports
        return Snoozing(log=self.log, store=ports.store, delivery=self.delivery, runtime=ports.runtime)

    @cached_property
    def holding(self) -> Holding:
        """Who keeps a seller's place."""
        return Holding(
            lifecycle=self.lifecycle,
            delivery=self.delivery,
            assignment=self.assignment,
            queue=self.queue,
            clock=self.ports.runtime.clock,
            settings=self.ports.settings,
        )

    @cached_property
    def attending(self) -> Attending:
        """What is due without anybody asking."""
        return Attending(
            log=self.log,
            holding=self.holding,
            assignment=self.assignment,
            queue=self.queue,
            waiting_line=self.waiting_line,
            check_ups=self.ports.check_ups,
            clock=self.ports.runtime.clock,
        )
