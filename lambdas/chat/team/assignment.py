"""Who may be given a contact, in which order. The claim itself is part of the write that assigns it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar, TypeVar

from chat.model.sellers import Seller
from chat.ports.errors import SellerFullError, asking_to_retry
from chat.ports.machine import Clock, Journal
from chat.ports.sellers import SellerStore
from chat.ports.strategies import Ask, Strategy
from chat.team.strategies import LeastLoaded

T = TypeVar("T")
MOST_OFFERS = 3
"""How many sellers are tried in one go; whom all of them refuse waits, and is looked for again soon."""


@dataclass(frozen=True)
class Offer:
    """A seller to offer a contact to; `claims` if they are registered, so that it takes up their capacity."""

    seller: str
    claims: bool

    @property
    def claim(self) -> str | None:
        """The seller whose capacity a write takes up."""
        return self.seller if self.claims else None


@dataclass(frozen=True)
class Outlook:
    """What a contact can expect: offers in their order, and whether nobody works at this hour, or is there.

    `has_room` if somebody could be asked: with room and without offers, the strategy lets this very contact wait.
    """

    OUT_OF_HOURS: ClassVar = "out_of_hours"
    REASONS: ClassVar = frozenset({"busy", "away", OUT_OF_HOURS})

    offers: tuple[Offer, ...]
    out_of_hours: bool = False
    has_room: bool = True
    is_nobody_there: bool = False

    @property
    def reason(self) -> str:
        """Why a contact waits that nobody could be given."""
        if self.out_of_hours:
            return self.OUT_OF_HOURS
        return "away" if self.is_nobody_there else "busy"


def first_with_room(offers: Iterable[Offer], give: Callable[[Offer], T]) -> T | None:
    """What `give` made of the first offer whose seller has room; None if none of the first few has.

    The index of a team lags behind what was claimed: where all are full, it may offer every one of them.
    """
    for offer in islice(offers, MOST_OFFERS):
        with suppress(SellerFullError):
            return give(offer)
    return None


class Assignment:
    """Applies the environment's strategy to the sellers who are there."""

    def __init__(
        self, *, sellers: SellerStore, strategy: Strategy, accepts_unknown: bool, clock: Clock, journal: Journal
    ) -> None:
        self._sellers = sellers
        self._strategy = strategy
        self._accepts_unknown = accepts_unknown
        self._clock = clock
        self._journal = journal

    @property
    def needs_presence(self) -> bool:
        """Whether only sellers who are there are given contacts, and lose those that they leave unanswered."""
        return self._strategy.needs_presence

    def outlook(
        self,
        ask: Ask,
        *,
        without: str | None = None,
        fresh: Iterable[Seller] = (),
        team: Iterable[Seller] | None = None,
    ) -> Outlook:
        """Whom to offer a contact to, leaving out `without`.

        `fresh` are sellers as they were just read: the index of a team lags behind. `team` is who was found behind
        the requested name, if that was read already. Raises `ChatError`: `try_again`.
        """
        found = self.team(ask.requested) if team is None else team
        known = {seller.id: seller for seller in found}
        known |= {seller.id: seller for seller in fresh if ask.requested in {seller.id, seller.team}}
        if not known:
            return self._unregistered(ask.requested)
        now = self._clock.now()
        fit = [seller for seller in known.values() if seller.id != without and self._may_be_asked(seller)]
        return Outlook(
            offers=tuple(Offer(seller.id, claims=True) for seller in self._ordered(ask, fit)),
            out_of_hours=not any(seller.is_working(now) for seller in known.values()),
            has_room=bool(fit),
            is_nobody_there=self._strategy.needs_presence
            and not any(seller.is_available(now) for seller in known.values()),
        )

    def is_out_of_hours(self, requested: str) -> bool:
        """Whether nobody of a registered team works at this hour. Raises `ChatError`: `try_again`."""
        team, now = self.team(requested), self._clock.now()
        return bool(team) and not any(seller.is_working(now) for seller in team)

    def may_ask(self, team: Sequence[Seller]) -> bool:
        """Whether anybody is behind a name, as `team` found them, or need not be."""
        return self._accepts_unknown or bool(team)

    def is_ready(self, seller: Seller) -> bool:
        """Whether a seller may be given something now, room aside: that is for the claim to say."""
        return not self._strategy.needs_presence or seller.is_available(self._clock.now())

    def team(self, requested: str) -> Sequence[Seller]:
        """The registered sellers behind a name: the one of that id, or a team's. Raises `ChatError`: `try_again`."""
        seller = self.seller(requested)
        if seller and seller.team != requested:
            return [seller]
        # The index may not list yet who has just been registered.
        return self.members(requested) or ([seller] if seller else [])

    def members(self, team: str) -> Sequence[Seller]:
        """The registered sellers of a team. Raises `ChatError`: `try_again`."""
        with asking_to_retry():
            return self._sellers.team(team)

    def seller(self, seller_id: str) -> Seller | None:
        """A registered seller. Raises `ChatError`: `try_again`."""
        with asking_to_retry():
            return self._sellers.get(seller_id)

    def recount(self, seller: Seller, open_count: int) -> bool:
        """Correct how many contacts a seller carries; False if that has changed. Raises `ChatError`: `try_again`."""
        with asking_to_retry():
            return self._sellers.recount(seller, open_count)

    def is_of_the_shop(self, seller_id: str) -> bool:
        """Whether a seller is registered, or need not be. Raises `ChatError`: `try_again`."""
        return self._accepts_unknown or self.seller(seller_id) is not None

    def offer_to(self, seller_id: str) -> Offer | None:
        """An offer to one seller, there or not; None if they may be given nothing. Raises `ChatError`: `try_again`."""
        if self.seller(seller_id):
            return Offer(seller_id, claims=True)
        return Offer(seller_id, claims=False) if self._accepts_unknown else None

    def _unregistered(self, requested: str) -> Outlook:
        if not self._accepts_unknown:
            return Outlook((), has_room=False)
        return Outlook((Offer(requested, claims=False),))

    def _may_be_asked(self, seller: Seller) -> bool:
        return seller.has_room and self.is_ready(seller)

    def _ordered(self, ask: Ask, fit: list[Seller]) -> Sequence[Seller]:
        try:
            # Iterated and checked here, since a generator fails late and a wrong answer is a failure too.
            ordered = list(self._strategy.order(ask, fit))
            if foreign := [each for each in ordered if each not in fit]:
                raise ValueError(f"{len(foreign)} of the sellers were not asked about")  # noqa: TRY301
            return ordered  # noqa: TRY300
        except Exception as error:  # noqa: BLE001 - a strategy may be anybody's; no chat is lost for it
            self._journal.note("strategy_failed", error=type(error).__name__, contact_id=ask.contact_id)
            return LeastLoaded().order(ask, fit)
