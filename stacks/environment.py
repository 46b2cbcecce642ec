"""What an environment is: every value that may differ from one to the next. The values are in `environments.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import aws_cdk as cdk
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk.aws_logs import RetentionDays

from .target import AWS, Target

Assignment = Literal["direct", "sticky", "least_loaded", "round_robin", "external"]
"""How a contact that names no seller of its own finds one; `external` asks the shop's back end."""

TrafficShift = Literal["canary", "at_once"]
"""How calls come to new code: a tenth of them for five minutes and then all, or all of them at once."""

NEW_ACCOUNT_CONCURRENCY = 10
_SHARE_OF_NEW_ACCOUNT = 4
UNRESERVED_CONCURRENCY = 100
"""What Lambda leaves to all functions without a reservation, and refuses to go below
(https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html)."""


@dataclass(frozen=True)
class Throttle:
    """What API Gateway lets through of one route, over all who use it.

    It is the last defence and set far above what the functions let one person do: who meets it is not to blame for it.
    """

    requests_per_second: int
    burst: int


@dataclass(frozen=True, kw_only=True)
class Throttles:
    """A throttle for each kind of route. What nobody can do without has the most, what floods best the least.

    An account has 10,000 requests a second for all its APIs, bursts of 5,000, and 500 new connections a second
    (https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html).
    """

    connect: Throttle
    start: Throttle
    """To open a contact."""

    message: Throttle
    read: Throttle
    """To sync, and to look at an inbox."""

    signal: Throttle
    """Typing, receipts and presence: of these the next one makes up for one that is lost."""

    manage: Throttle
    """To transfer and to close a contact, to sign out, and to ask for a ticket."""

    report: Throttle
    """Pages in trouble that are left. Anybody may report, and each one is paid for, while none has to arrive."""

    ping: Throttle
    other: Throttle
    """Routes without a kind: what is unknown, and `$disconnect`."""


@dataclass(frozen=True)
class Allowance:
    """A token bucket for what one person sends."""

    burst: int
    per_second: int

    def __str__(self) -> str:
        """As the functions read it."""
        return f"{self.burst}/{self.per_second}"


@dataclass(frozen=True, kw_only=True)
class WarmThroughput:
    """Units a second that a table, and each of its indexes, can take at once.

    Without it a new one takes 4,000 writes and 12,000 reads, and twice as many every half hour
    (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html).
    """

    reads: int
    writes: int


@dataclass(frozen=True, kw_only=True)
class WebHosting:
    """How the widget's script and the console are hosted."""

    price_class: cloudfront.PriceClass
    """From which of CloudFront's places they are served."""

    browser_cache: cdk.Duration
    """How long a browser uses what it has before it asks again; a new widget reaches everybody after that."""


@dataclass(frozen=True, kw_only=True)
class TokenIssuer:
    """An identity provider whose tokens prove sellers; its keys (RFC 7517) are at `jwks_url`, over https."""

    issuer: str
    audience: str
    jwks_url: str


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Everything that differs from one environment to the next; units are in the names."""

    name: str

    removal_policy: cdk.RemovalPolicy
    """What becomes of tables, secrets, keys, files and logs that leave their stack.

    What is kept must not be so if its first creation fails: its name would be taken at the next attempt.
    """

    deletion_protection: bool
    """Tables and the stack that holds them refuse to be deleted."""

    point_in_time_recovery: bool
    """Tables can be restored to any second of the last 35 days."""

    log_retention: RetentionDays
    message_retention_days: int
    idle_close_seconds: int
    reopens_closed_contacts: bool = True

    searches: bool = True
    """Whether sellers may search in what was said: each search reads through contacts, and nothing is kept for it."""

    shop_name: str | None = None
    """What the console calls the shop, to its sellers alone; None for this product's own name."""

    unknown_sellers: Literal["accept", "refuse"]

    assignment: Assignment = "least_loaded"

    lease_seconds: int = 120
    """How long a seller may leave an assigned contact unanswered; what follows comes within a minute of it."""

    visitor_rate: Allowance = Allowance(burst=20, per_second=1)
    seller_rate: Allowance = Allowance(burst=60, per_second=5)

    php_api_url: str | None = None
    """The shop's own back end; None where it has none."""

    shop_retry_seconds: int = 300
    """How long an event waits after the shop's back end has failed to take it; a sixth of it is the time to try."""

    has_own_listeners: bool = False
    """Whether rules of the deployer's own on the bus want messages, too; the shop's back end always hears of them."""

    allowed_origins: tuple[str, ...] = ("*",)
    """`Origin` headers that may connect, `scheme://host[:port]`; `*` for any, as a widget for every shop needs.

    The console's is among them where there is a `host`; else the output `ConsoleUrl` tells it, once it is there.
    """

    host: str | None = None
    """Where the widget and the console are; sockets are below it at `ws.` and REST at `rest.`. None for AWS's names."""

    certificate: str | None = None
    """The ARN of ACM's certificate for the names below the host, in the environment's Region."""

    widget_certificate: str | None = None
    """The ARN of ACM's certificate for the host itself, in us-east-1, where CloudFront looks for it."""

    hosted_zone: str | None = None
    """The id of Route 53's zone that the names are entered in; None where somebody does it by hand."""

    web_hosting: WebHosting | None = None
    """None where the pages are served by other means, as `make run` does."""

    seller_token_issuer: TokenIssuer | None = None
    """Who proves sellers; None where the shop's back end does, by a secret that it shares with this system."""

    visitor_tokens: Literal["none", "required"] = "none"
    """Whether a visitor needs a token of the shop's back end, or any device may chat."""

    customer_managed_key: bool = False
    """Whether a KMS key of this account encrypts tables, secrets, queues, logs, bus and topic, or AWS's own do.

    It costs a dollar a month, another for each of its first two rotations, and three cents for 10,000 calls. A table
    with such a key needs a Region that is known: synthesize with credentials.
    """

    warm_throughput: WarmThroughput | None = None
    """None for what AWS gives a new table. It is paid for once, and never goes down."""

    watches_objectives: bool
    """Whether what is promised of the chat (objectives.py) raises alarms, at some six dollars a month."""

    traffic_shift: TrafficShift | None = None
    """How calls come to a new version of the functions; None where there are none, and what is saved is called."""

    alarm_email: str | None = None
    """Who is told of alarms; None for those who subscribe to the output `AlarmTopic`."""

    monthly_budget_dollars: int
    budget_email: str | None = None
    """Who is told when the budget is about to be spent; None for nobody, and no budget."""

    throttles: Throttles
    reserved_concurrency: Mapping[str, int] = field(default_factory=dict, hash=False)
    """How many of a function, by its handler's module, may run at once: kept free for it, and never more."""

    account_concurrency: int = NEW_ACCOUNT_CONCURRENCY
    """How many functions the account may run at once: Lambda's quota "Concurrent executions"."""

    memory_mb: int
    log_level: Literal["DEBUG", "INFO"]
    """Failures are counted by the lines that functions write at `INFO`."""

    target: Target = AWS

    given: Mapping[str, str] = field(default_factory=dict, hash=False)
    """What was given on the command line, for the next deployment to be asked about."""

    @property
    def sockets_host(self) -> str | None:
        """Where sockets connect to."""
        return f"ws.{self.host}" if self.host else None

    @property
    def rest_host(self) -> str | None:
        """Where REST calls go."""
        return f"rest.{self.host}" if self.host else None

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins that may connect, and the console's among them as soon as it is known."""
        if self.host is None or "*" in self.allowed_origins:
            return self.allowed_origins
        return tuple(dict.fromkeys((*self.allowed_origins, f"https://{self.host}")))

    @property
    def stack_prefix(self) -> str:
        """What the names of its stacks begin with, and so the names of all that CloudFormation names after them."""
        return f"SellerChat-{self.name}"

    @property
    def publishes_messages(self) -> bool:
        """Whether anybody listens to messages on the bus."""
        return self.has_own_listeners or self.php_api_url is not None

    def concurrency_of(self, module: str) -> int | None:
        """What is reserved for a handler's module; None where the account has too little to reserve any."""
        return self.reserved_concurrency.get(module) if self.account_concurrency >= self.needed_concurrency else None

    def queue_concurrency(self, wanted: int) -> int:
        """How many of a function a queue may call at once: what is `wanted`, where the account has it to give.

        A queue whose function is not started wastes its messages' tries; a new account is shared between three queues.
        """
        return wanted if self.account_concurrency >= self.needed_concurrency else min(wanted, _SHARE_OF_NEW_ACCOUNT)

    @property
    def needed_concurrency(self) -> int:
        """What the account must have before anything is reserved."""
        return sum(self.reserved_concurrency.values()) + UNRESERVED_CONCURRENCY
