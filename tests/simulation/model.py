"""The protocol's core as a small model, and every way in which it can go for a few people.

Two devices of a visitor and two of a seller start, write and end contacts; functions read, and write if nobody has
since.
One of them dies, one answer is lost, one client is impatient. `python -m tests.simulation model` looks at every order.
What may follow what in a log is told once, in `NEXT`: the schedules of a day are held to it, too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from chat.model.entries import EntryKind
from tests.simulation.workers import workers

NEXT: Mapping[tuple[str, EntryKind], str] = {
    ("nothing", EntryKind.OPENED): "opening",
    ("opening", EntryKind.ASSIGNED): "open",
    ("opening", EntryKind.QUEUED): "queued",
    ("queued", EntryKind.ASSIGNED): "open",
    ("queued", EntryKind.MESSAGE): "queued",
    ("queued", EntryKind.IDENTIFIED): "queued",
    ("queued", EntryKind.CLOSED): "closed",
    ("open", EntryKind.MESSAGE): "open",
    ("open", EntryKind.IDENTIFIED): "open",
    ("open", EntryKind.TRANSFERRED): "open",
    ("open", EntryKind.QUEUED): "queued",
    ("open", EntryKind.CLOSED): "closed",
    ("closed", EntryKind.REOPENED): "reopening",
    ("reopening", EntryKind.QUEUED): "queued",
    ("reopening", EntryKind.ASSIGNED): "open",
    # Reopened for the seller who had it: they never lost it.
    ("reopening", EntryKind.MESSAGE): "open",
}
"""Where a contact stands after an entry, by where it stood before; what is not here must not happen."""
DEVICES = ((0, 1), (2, 3))
"""Which clients are one person's: the visitor's, then the seller's."""
LIMIT = 5_000_000


class Entry(NamedTuple):
    """An entry: what it is, and whose it is (empty for the system's)."""

    kind: EntryKind
    id: str = ""


Log = tuple[Entry, ...]


class Job(NamedTuple):
    """A function at work on somebody's frame.

    It has read a contact (None: nothing yet) up to a number, and the pointer in a version; `is_done` once it only has
    to answer.
    """

    contact: int | None = None
    seen: int = 0
    version: int = 0
    is_done: bool = False


class Client(NamedTuple):
    """Somebody who has come to a step of their plan; `base` is the cursor of the frame that is under way, if one is."""

    step: int = 0
    base: int | None = None
    contact: int | None = None
    jobs: tuple[Job, ...] = ()


class World(NamedTuple):
    """Everything there is: logs, the version of the pointer to the last of them, the people, what may go wrong."""

    logs: tuple[Log, ...]
    version: int
    clients: tuple[Client, ...]
    claimed: int
    deaths: int
    lost: int
    impatience: int


class BrokenError(Exception):
    """A promise does not hold; the text begins with its name."""


Plan = tuple[str, ...]


class Model:
    """All that people with plans may come to. Steps are `start`, `write` and `close`."""

    def __init__(self, case: Case, *, capacity: int = 1) -> None:
        self.case = case
        self.plans = case.plans
        self.capacity = capacity

    def explore(self) -> int:
        """Look at every world that can be reached, breadth-first; how many there are. Raises `BrokenError`."""
        case = self.case
        first = World((), 0, (Client(),) * len(self.plans), 0, case.deaths, case.lost, case.impatience)
        seen, queue = {first}, deque([first])
        while queue:
            world = queue.popleft()
            moved = False
            for after in self._steps(world):
                moved = True
                after = self._canonical(after)
                if after not in seen:
                    self._check(after)
                    seen.add(after)
                    queue.append(after)
                    if len(seen) > LIMIT:
                        raise BrokenError("the model is small: it is not")
            if not moved:
                self._check_end(world)
        return len(seen)

    # -- what may happen next

    def _steps(self, world: World) -> Iterator[World]:
        for number, client in enumerate(world.clients):
            yield from self._client_steps(world, number, client)
            for place, job in enumerate(client.jobs):
                yield from self._job_steps(world, number, place, job)
        for contact, log in enumerate(world.logs):
            if _status(log) == "queued" and world.claimed < self.capacity:
                given = _replaced(world.logs, contact, (*log, Entry(EntryKind.ASSIGNED)))
                yield world._replace(logs=given, claimed=world.claimed + 1)

    def _client_steps(self, world: World, number: int, client: Client) -> Iterator[World]:
        if client.step == len(self.plans[number]):
            return
        if client.base is None:
            yield from self._begins(world, number, client)
        elif not client.jobs:
            # What was asked for is gone, and will be asked for again in the same words.
            yield _with(world, number, client._replace(jobs=(Job(),)))
        elif world.impatience and len(client.jobs) == 1:
            again = client._replace(jobs=tuple(sorted((*client.jobs, Job()), key=repr)))
            yield _with(world, number, again)._replace(impatience=world.impatience - 1)

    def _begins(self, world: World, number: int, client: Client) -> Iterator[World]:
        if self.plans[number][client.step] == "start":
            yield _with(world, number, client._replace(base=0, jobs=(Job(),)))
            return
        contact = client.contact if client.contact is not None else len(world.logs) - 1
        if contact < 0:
            return
        # The cursor may be anywhere up to the end: at the end, or where somebody stands who has not looked.
        for base in {len(world.logs[contact]), max(1, len(world.logs[contact]) - 2)}:
            yield _with(world, number, client._replace(base=base, contact=contact, jobs=(Job(),)))

    def _job_steps(self, world: World, number: int, place: int, job: Job) -> Iterator[World]:
        client = world.clients[number]
        others = (*client.jobs[:place], *client.jobs[place + 1 :])
        if world.deaths and job.contact is not None:
            # One that has read nothing may as well never have begun.
            yield _with(world, number, client._replace(jobs=others))._replace(deaths=world.deaths - 1)
        if job.is_done:
            yield self._answered(world, number, client, job, others)
        elif job.contact is None:
            yield _with(world, number, client._replace(jobs=_sorted(others, self._read(world, number))))
        else:
            written, done = self._written(world, number, job)
            yield _with(written, number, written.clients[number]._replace(jobs=_sorted(others, done)))
            if written.lost and done.is_done and written.logs != world.logs:
                dead = written.clients[number]._replace(jobs=others)
                yield _with(written, number, dead)._replace(lost=written.lost - 1)

    def _answered(self, world: World, number: int, client: Client, job: Job, others: tuple[Job, ...]) -> World:
        if client.base is None or client.step == len(self.plans[number]):
            return _with(world, number, client._replace(jobs=others))
        # What is still under way of this frame belongs to nobody any more.
        settled = client._replace(step=client.step + 1, base=None, contact=job.contact, jobs=())
        return _with(world, number, settled)

    def _read(self, world: World, number: int) -> Job:
        client = world.clients[number]
        if self.plans[number][client.step] == "start":
            contact = len(world.logs) - 1
        else:
            contact = client.contact if client.contact is not None else 0
        seen = len(world.logs[contact]) if contact >= 0 else 0
        return Job(contact, seen, world.version)

    def _written(self, world: World, number: int, job: Job) -> tuple[World, Job]:
        """The world and the job after its write; one that lost the race has read again."""
        client = world.clients[number]
        what = self.plans[number][client.step]
        assert job.contact is not None
        if what == "start":
            return self._started(world, number, job)
        log, base = world.logs[job.contact], client.base or 0
        own = f"{number}.{client.step}"
        since = log[max(base - 1, 0) : job.seen]
        if any(entry.id == own for entry in since):
            return world, job._replace(is_done=True)
        if len(log) != job.seen:
            return world, self._read(world, number)
        if what == "close":
            return self._closed(world, job, own, base)
        return self._wrote(world, job, own)

    def _started(self, world: World, number: int, job: Job) -> tuple[World, Job]:
        assert job.contact is not None
        log = world.logs[job.contact][: job.seen] if job.contact >= 0 else ()
        if log and _status(log) != "closed":
            return world, job._replace(is_done=True)
        if world.version != job.version:
            return world, self._read(world, number)
        claims = world.claimed < self.capacity
        opened = (Entry(EntryKind.OPENED), Entry(EntryKind.ASSIGNED if claims else EntryKind.QUEUED))
        after = world._replace(logs=(*world.logs, opened), version=world.version + 1, claimed=world.claimed + claims)
        return after, Job(len(world.logs), 2, after.version, is_done=True)

    def _closed(self, world: World, job: Job, own: str, base: int) -> tuple[World, Job]:
        assert job.contact is not None
        log = world.logs[job.contact]
        if _was_closed(log, base):
            return world, job._replace(is_done=True)
        claimed = world.claimed - (_status(log) == "open")
        logs = _replaced(world.logs, job.contact, (*log, Entry(EntryKind.CLOSED, own)))
        return world._replace(logs=logs, claimed=claimed), job._replace(is_done=True)

    def _wrote(self, world: World, job: Job, own: str) -> tuple[World, Job]:
        assert job.contact is not None
        log, message = world.logs[job.contact], Entry(EntryKind.MESSAGE, own)
        if _status(log) != "closed":
            return world._replace(logs=_replaced(world.logs, job.contact, (*log, message))), job._replace(is_done=True)
        if job.contact != len(world.logs) - 1:
            # The pointer is elsewhere: refused, as there is a newer one.
            return world, job._replace(is_done=True)
        claims = world.claimed < self.capacity
        reopened = (Entry(EntryKind.REOPENED),) if claims else (Entry(EntryKind.REOPENED), Entry(EntryKind.QUEUED))
        logs = _replaced(world.logs, job.contact, (*log, *reopened, message))
        after = world._replace(logs=logs, version=world.version + 1, claimed=world.claimed + claims)
        return after, job._replace(is_done=True)

    # -- what must hold

    def _check(self, world: World) -> None:
        statuses = [_status(log) for log in world.logs]
        if sum(status != "closed" for status in statuses) > 1:
            raise BrokenError(f"a visitor has one open contact: {world}")
        if world.claimed != statuses.count("open"):
            raise BrokenError(f"counts are true: {world}")
        ids = [each for log in world.logs for each in _ids(log)]
        if len(ids) != len(set(ids)):
            raise BrokenError(f"at most one entry per sender and id: {world}")
        for number, client in enumerate(world.clients):
            self._check_order(world, number, client)

    def _check_order(self, world: World, number: int, client: Client) -> None:
        for log in world.logs:
            steps = _steps_of(log, number)
            if steps != tuple(sorted(steps)):
                raise BrokenError(f"nobody's messages change their order: {world}")
            if steps and steps[-1] > client.step:
                raise BrokenError(f"nothing is written before it is asked for: {world}")

    def _check_end(self, world: World) -> None:
        for number, client in enumerate(world.clients):
            if client.step != len(self.plans[number]) and world.logs:
                raise BrokenError(f"every frame is answered in the end: {world}")

    def _canonical(self, world: World) -> World:
        """Of worlds that differ in which of somebody's devices is which, one."""
        alike = [world]
        for one, other in DEVICES:
            if self.plans[one] == self.plans[other]:
                alike += [_swapped(each, one, other) for each in alike]
        return min(alike, key=hash)


def _swapped(world: World, one: int, other: int) -> World:
    clients = list(world.clients)
    clients[one], clients[other] = clients[other], clients[one]
    return world._replace(logs=tuple(_renamed(log, one, other) for log in world.logs), clients=tuple(clients))


@cache
def _renamed(log: Log, one: int, other: int) -> Log:
    """A log in which somebody's two devices have each other's names."""
    names = {str(one): str(other), str(other): str(one)}
    return tuple(entry._replace(id=names.get(entry.id[:1], entry.id[:1]) + entry.id[1:]) for entry in log)


@cache
def _status(log: Log) -> str:
    status = "nothing"
    for entry in log:
        if (status, entry.kind) not in NEXT:
            raise BrokenError(f"an entry follows what it may: {entry.kind} after {status}")
        status = NEXT[(status, entry.kind)]
    return status


@cache
def _ids(log: Log) -> tuple[str, ...]:
    return tuple(entry.id for entry in log if entry.id)


@cache
def _steps_of(log: Log, number: int) -> tuple[int, ...]:
    """The steps of somebody's plan whose entries are in a log, in its order."""
    return tuple(int(each.partition(".")[2]) for each in _ids(log) if each.startswith(f"{number}."))


@cache
def _was_closed(log: Log, base: int) -> bool:
    return any(_status(log[:seq]) == "closed" for seq in range(max(base, 1), len(log) + 1))


def _with(world: World, number: int, client: Client) -> World:
    clients = (*world.clients[:number], client, *world.clients[number + 1 :])
    # Not by `_replace`, which takes twice as long, and this is most of what the model does.
    return World(world.logs, world.version, clients, world.claimed, world.deaths, world.lost, world.impatience)


def _replaced(logs: tuple[Log, ...], contact: int, log: Log) -> tuple[Log, ...]:
    return (*logs[:contact], log, *logs[contact + 1 :])


def _sorted(jobs: tuple[Job, ...], job: Job) -> tuple[Job, ...]:
    return tuple(sorted((*jobs, job), key=repr))


class Case(NamedTuple):
    """What is wanted on the visitor's two devices and on the seller's, and what may go wrong."""

    plans: tuple[Plan, Plan, Plan, Plan]
    deaths: int = 1
    lost: int = 1
    impatience: int = 0


CASES: Mapping[str, Case] = {
    "both devices start, the seller ends it": Case((("start", "write"), ("start", "write"), ("close",), ())),
    "one starts anew while the seller goes on": Case((("start", "close", "start"), (), ("write", "write"), ())),
    "both end it while the seller goes on": Case((("start", "close"), ("close",), ("write",), ())),
    "three write at once": Case((("start", "write"), ("write",), ("write",), ())),
    "all four devices write at once": Case((("start",), ("write",), ("write",), ("write",))),
    "both of the seller's devices end it": Case((("start", "write"), (), ("close",), ("close",))),
    "one of the seller's devices ends it, one goes on": Case((("start",), ("write",), ("close",), ("write",))),
    "an impatient client, both start": Case((("start", "write"), ("start",), ("close",), ()), impatience=1, deaths=0),
    "an impatient client, one ends it": Case((("start", "close"), ("write",), ("write",), ()), impatience=1, deaths=0),
}


def report() -> int:
    """Explore every case, and print how many worlds there are; the exit code is 0 if no promise is broken."""
    with workers() as pool:
        told = pool.map(_explored, CASES, chunksize=1)
    for name, (worlds, broken) in zip(CASES, told, strict=True):
        print(f"{name}: {broken or f'{worlds} worlds, no promise is broken'}")
    return 1 if any(broken for _, broken in told) else 0


def _explored(name: str) -> tuple[int, str | None]:
    try:
        return Model(CASES[name]).explore(), None
    except BrokenError as error:
        return 0, str(error)
