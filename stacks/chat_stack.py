"""What answers and what follows from it: APIs, functions, events. It holds no data and can be built anew any time."""

from __future__ import annotations

from typing import Unpack

import aws_cdk as cdk
from constructs import Construct

from .bundling import bundled_code
from .constructs.chat_function import ChatFunction, Handler
from .constructs.encryption_key import serve_logs
from .constructs.event_flow import EventFlow
from .constructs.functions import Functions
from .constructs.objective_watch import ObjectiveWatch
from .constructs.output import output
from .constructs.release import Release
from .constructs.rest_endpoint import RestEndpoint
from .constructs.saved_queries import SavedQueries
from .constructs.web_socket_endpoint import WebSocketEndpoint
from .data_stack import TEAM_INDEX, USER_ID_INDEX, DataStack
from .environment import Environment, Throttle, Throttles
from .environment_stack import EnvironmentStack
from .objectives import OBJECTIVES
from .stack_props import StackProps

# A ticket opens one connection and lies among the connections, under a key that no connection has.
TICKETS = "ticket#*"


class ChatStack(EnvironmentStack):
    """The stateless half: one function for each set of permissions, not for each action."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        data: DataStack,
        **props: Unpack[StackProps],
    ) -> None:
        super().__init__(scope, construct_id, environment=environment, purpose="APIs, functions and events", **props)
        self._environment = environment
        self._data = data
        if data.key is not None:
            serve_logs(data.key, self, vended=f"{environment.stack_prefix}-*")
        self.endpoint = WebSocketEndpoint(self, "WebSocket", environment=environment, key=data.key)
        self.rest_endpoint = RestEndpoint(self, "Rest", environment=environment, key=data.key)
        self._functions = Functions(
            environment=environment,
            data=data,
            endpoint=self.endpoint,
            code=bundled_code(self, environment.target.bundle),
        )
        self._route()
        flow = EventFlow(self, "Events", functions=self._functions)
        self.event_bus = flow.bus
        """What tells of all that happens in a conversation."""

        self.objectives = self._watched_objectives()
        """How well is kept what is promised, where the environment watches it."""

        functions = [each for each in self.node.find_all() if isinstance(each, ChatFunction)]
        if environment.traffic_shift is not None and environment.target.shifts_traffic:
            shift = environment.traffic_shift
            Release(self, "Release", shift=shift, functions=functions, objectives=self.objectives)
        if environment.target.supports_saved_queries:
            groups = [each.log_group for each in functions]
            SavedQueries(self, "Queries", environment=environment.name, groups=groups)
        self._say_if_cold_starts_are_slow()
        self._tell(flow)

    def _watched_objectives(self) -> list[ObjectiveWatch]:
        if not self._environment.watches_objectives or not self._environment.target.supports_formulas:
            return []
        scope = Construct(self, "Objectives")
        name, sockets = self._environment.name, self.endpoint.stage
        return [ObjectiveWatch(scope, each.name, each, environment=name, sockets=sockets) for each in OBJECTIVES]

    def _tell(self, flow: EventFlow) -> None:
        output(self, "WebSocketUrl", self.endpoint.url, "Where sockets connect: a page's data-api-url.")
        output(self, "WebSocketApi", self.endpoint.api_id, "The id of the WebSocket API.")
        output(self, "RestUrl", self.rest_endpoint.url, "Where REST calls go: a page's data-rest-url.")
        output(self, "EventBus", self.event_bus.event_bus_name, "The bus that tells of all that happens.")
        for queue in flow.queues:
            name = queue.node.id
            output(self, f"{name}Queue", queue.queue_url, f"The queue {name}; make redrive brings back to it.")
            output(self, f"{name}DeadLetters", queue.dead_letters.queue_url, f"What failed for good of {name}.")

    def _say_if_cold_starts_are_slow(self) -> None:
        target = self._environment.target.bundle
        if target.platform is not None and target.interpreter is None:
            cdk.Annotations.of(self).add_info_v2(
                "SellerChat:WithoutBytecode",
                f"There is no python{target.python_versions[0]} here, so the functions are bundled without bytecode "
                "and every cold start compiles them first. Deploy from a machine that has it.",
            )

    def _route(self) -> None:
        throttles = self._environment.throttles
        fallback = self._functions.add(
            self, "Fallback", Handler(module="fallback", description="Says what is wrong with an unknown frame.")
        )
        self.endpoint.route_connections(self._connection_function(), authorizer=self._authorizer_function())
        actions = conversation_actions(throttles)
        if not self._environment.searches:
            # Without a route the fallback says that it is not deployed here.
            del actions["search"]
        self.endpoint.route(actions, self._conversation_function(), unanswered=UNANSWERED)
        self.endpoint.route({"$default": throttles.other}, fallback)
        self.endpoint.answer("ping", {"action": "pong"}, throttles.ping)
        self.rest_endpoint.route(rest_routes(throttles), self._rest_function())

    @property
    def _allowed_origins(self) -> str:
        return ",".join(self._environment.origins)

    def _authorizer_function(self) -> ChatFunction:
        connections, secret = self._data.connections, self._data.seller_token_key_arn
        function = self._functions.add(
            self,
            "Authorizer",
            Handler(
                module="authorizer",
                description="Proves at $connect who is connecting.",
                variables={
                    "ALLOWED_ORIGINS": self._allowed_origins,
                    "CONNECTION_TABLE": connections.table_name,
                    **_proofs(self._environment, secret),
                },
            ),
        )
        function.let_read_secret(secret)
        # To take a ticket is to delete it, so that it is good once.
        function.allow(["dynamodb:DeleteItem"], connections.table_arn, keys=TICKETS)
        return function

    def _connection_function(self) -> ChatFunction:
        connections, sellers = self._data.connections, self._data.sellers
        function = self._functions.add(
            self,
            "Connection",
            Handler(
                module="connection",
                description="Remembers open connections.",
                variables={"CONNECTION_TABLE": connections.table_name, "SELLER_TABLE": sellers.table_name},
            ),
        )
        function.allow(["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"], connections.table_arn)
        # A seller whose last connection closes is not there any more.
        function.allow(["dynamodb:Query"], f"{connections.table_arn}/index/{USER_ID_INDEX}")
        function.allow(["dynamodb:UpdateItem"], sellers.table_arn)
        return function

    def _conversation_function(self) -> ChatFunction:
        function = self._functions.add_taking_part(
            self,
            "Conversation",
            Handler(module="conversation", description="Starts, carries and ends conversations."),
        )
        # A note is written together with a look whether its contact's visitor was erased.
        function.allow(["dynamodb:ConditionCheckItem"], self._data.conversations.table_arn)
        # A list comes with the tags of all that is listed.
        function.allow(["dynamodb:BatchGetItem"], self._data.conversations.table_arn)
        # Sellers are told to which teams they may hand a contact.
        function.allow(["dynamodb:Scan"], f"{self._data.sellers.table_arn}/index/{TEAM_INDEX}")
        if self._environment.unknown_sellers == "accept":
            # A seller nobody has registered is registered by the first `presence`.
            function.allow(["dynamodb:PutItem"], self._data.sellers.table_arn)
        return function

    def _rest_function(self) -> ChatFunction:
        secret = self._data.seller_token_key_arn
        function = self._functions.add_taking_part(
            self,
            "RestCalls",
            Handler(
                module="rest",
                description="Answers REST calls.",
                variables={"ALLOWED_ORIGINS": self._allowed_origins, **_proofs(self._environment, secret)},
            ),
        )
        function.let_read_secret(secret)
        function.allow(["dynamodb:PutItem"], self._data.connections.table_arn, keys=TICKETS)
        return function


UNANSWERED = frozenset({"receipt", "typing"})
"""The actions to which a client expects no answer; what is wrong with one is posted."""


def conversation_actions(throttles: Throttles) -> dict[str, Throttle]:
    """What clients send about conversations, with each action's throttle."""
    return {
        "InitChat": throttles.start,
        "initiateChat": throttles.start,
        "sendMessage": throttles.message,
        "identify": throttles.message,
        "sync": throttles.read,
        "earlier": throttles.read,
        "readEarlier": throttles.read,
        "inbox": throttles.read,
        "search": throttles.manage,
        "receipt": throttles.signal,
        "typing": throttles.signal,
        "presence": throttles.signal,
        "transferChat": throttles.manage,
        "takeChat": throttles.manage,
        "team": throttles.read,
        "closeChat": throttles.manage,
        "note": throttles.manage,
        "notes": throttles.read,
        "tag": throttles.manage,
        "replies": throttles.read,
        "shareReply": throttles.manage,
        "snooze": throttles.manage,
        "blockVisitor": throttles.manage,
        "unblockVisitor": throttles.manage,
        "blocks": throttles.read,
        "signOut": throttles.manage,
    }


def rest_routes(throttles: Throttles) -> dict[str, Throttle]:
    """The REST calls, with each one's throttle: that of the action that does the same, if there is one."""
    return {
        "POST /sendmessage": throttles.message,
        "POST /chats": throttles.start,
        "GET /chats/{contact_id}/entries": throttles.read,
        "POST /chats/{contact_id}/receipts": throttles.signal,
        "POST /chats/{contact_id}/identify": throttles.message,
        "POST /chats/{contact_id}/close": throttles.manage,
        "POST /tickets": throttles.manage,
        "POST /reports": throttles.report,
    }


def _proofs(environment: Environment, secret: str) -> dict[str, str]:
    """By what sellers and visitors prove themselves."""
    proofs = {"SELLER_TOKEN_SECRET": secret}
    if environment.seller_token_issuer is not None:
        proofs["SELLER_TOKEN_ISSUER"] = environment.seller_token_issuer.issuer
        proofs["SELLER_TOKEN_AUDIENCE"] = environment.seller_token_issuer.audience
        proofs["SELLER_TOKEN_JWKS_URL"] = environment.seller_token_issuer.jwks_url
    if environment.visitor_tokens == "required":
        proofs["VISITOR_TOKENS"] = environment.visitor_tokens
    return proofs
