"""Who may do what, who may call whom, and what is encrypted."""

from __future__ import annotations

from tests.mutants_of_stacks.mutant import Mutant

CHAT = "stacks/chat_stack.py"
FUNCTION = "stacks/constructs/chat_function.py"
FUNCTIONS = "stacks/constructs/functions.py"
ATTENDANT = "stacks/constructs/attendant.py"
COURIER = "stacks/constructs/courier.py"
PUBLISHER = "stacks/constructs/publisher.py"
KEY = "stacks/constructs/encryption_key.py"
DATA = "stacks/data_stack.py"
WEB = "stacks/web_stack.py"
QUEUES = "stacks/constructs/queues.py"
REST = "stacks/constructs/rest_endpoint.py"
SOCKET = "stacks/constructs/web_socket_endpoint.py"
OPERATIONS = "stacks/operations_stack.py"
LAMBDA = 'assumed_by=iam.ServicePrincipal("lambda.amazonaws.com")'

MUTANTS = (
    Mutant("anybody takes the functions' roles", FUNCTION, LAMBDA, "assumed_by=iam.AnyPrincipal()", "test_trust.py"),
    Mutant(
        "the account takes the functions' roles",
        FUNCTION,
        LAMBDA,
        'assumed_by=iam.CompositePrincipal(iam.ServicePrincipal("lambda.amazonaws.com"), iam.AccountRootPrincipal())',
        "test_trust.py",
    ),
    Mutant(
        "another service takes the functions' roles",
        FUNCTION,
        LAMBDA,
        'assumed_by=iam.ServicePrincipal("ec2.amazonaws.com")',
        "test_trust.py",
    ),
    Mutant(
        "anybody takes the role of schedules",
        ATTENDANT,
        'return iam.ServicePrincipal("scheduler.amazonaws.com", conditions=conditions)',
        "return iam.AnyPrincipal()",
        "test_trust.py",
    ),
    Mutant(
        "anybody takes the account's log role",
        "stacks/account_stack.py",
        'assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com")',
        "assumed_by=iam.AnyPrincipal()",
        "test_account_stack.py",
    ),
    Mutant("a permission for every key", FUNCTION, "if keys else None", "if not keys else None", "test_chat_stack.py"),
    Mutant("a permission on everything", FUNCTION, "resources=[resource]", 'resources=["*"]', "test_chat_stack.py"),
    Mutant(
        "every secret can be read",
        FUNCTION,
        'self.allow(["secretsmanager:GetSecretValue"], arn)',
        'self.allow(["secretsmanager:GetSecretValue"], "*")',
        "test_chat_stack.py",
    ),
    Mutant(
        "secrets can be written",
        FUNCTION,
        '["secretsmanager:GetSecretValue"]',
        '["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"]',
        "test_chat_stack.py",
    ),
    Mutant(
        "tickets stay good",
        CHAT,
        'function.allow(["dynamodb:DeleteItem"], connections',
        "(lambda *_, **__: None)([], connections",
        "test_chat_stack.py",
    ),
    Mutant("tickets are all keys", CHAT, 'TICKETS = "ticket#*"', 'TICKETS = "*"', "test_chat_stack.py"),
    Mutant(
        "connections can be scanned",
        CHAT,
        '["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"]',
        '["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:Scan"]',
        "test_chat_stack.py",
    ),
    Mutant(
        "strangers are registered where sellers must be known",
        CHAT,
        'self._environment.unknown_sellers == "accept"',
        "self._environment.unknown_sellers",
        "test_chat_stack.py",
    ),
    Mutant(
        "conversations can be deleted",
        FUNCTIONS,
        '"dynamodb:PutItem", "dynamodb:UpdateItem"], conversations',
        '"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"], conversations',
        "test_chat_stack.py",
    ),
    Mutant(
        "an index is not allowed",
        FUNCTIONS,
        'f"{sellers.table_arn}/index/{TEAM_INDEX}"',
        'f"{sellers.table_arn}/index/{INBOX_INDEX}"',
        "test_chat_stack.py",
    ),
    Mutant(
        "nobody reads the shop's key",
        FUNCTIONS,
        "        if self.data.php_api_key_arn is not None:\n            function.let",
        "        if self.data.php_api_key_arn is None:\n            function.let",
        "test_chat_stack.py",
    ),
    Mutant(
        "nobody posts to connections",
        FUNCTIONS,
        "self.endpoint.allow_posts_from(function)",
        "pass",
        "test_chat_stack.py",
    ),
    Mutant(
        "every role can be passed on",
        ATTENDANT,
        'attendant.allow(["iam:PassRole"], role.role_arn)',
        'attendant.allow(["iam:PassRole"], "*")',
        "test_event_flow.py",
    ),
    Mutant(
        "every schedule can be changed",
        ATTENDANT,
        'resource_name=f"{self.group}/*"',
        'resource_name="*"',
        "test_event_flow.py",
    ),
    Mutant("schedules may not send", ATTENDANT, "queue.grant_send_messages(role)", "pass", "test_event_flow.py"),
    Mutant(
        "the attendant feeds its own queue",
        ATTENDANT,
        "self._let_schedule(attendant, role)",
        "self._let_schedule(attendant, role); queue.grant_send_messages(attendant.role)",
        "test_event_flow.py",
    ),
    Mutant(
        "the courier cannot set aside",
        COURIER,
        'courier.allow(["sqs:SendMessage"], queue.dead_letters.queue_arn)',
        "pass",
        "test_event_flow.py",
    ),
    Mutant(
        "the courier cannot encrypt",
        COURIER,
        'courier.allow(["kms:GenerateDataKey"], key.key_arn)',
        "pass",
        "test_security_choices.py",
    ),
    Mutant(
        "the publisher cannot publish",
        PUBLISHER,
        'publisher.allow(["events:PutEvents"], bus.event_bus_arn)',
        "pass",
        "test_event_flow.py",
    ),
    Mutant("the key serves every account", KEY, '"kms:CallerAccount": stack.account,', "", "test_security_choices.py"),
    Mutant(
        "the key serves by every service",
        KEY,
        '                    "kms:ViaService": [',
        '                    "kms:CallerAccount": [stack.account] if True else [',
        "test_security_choices.py",
    ),
    Mutant(
        "the key serves every log group",
        KEY,
        "resource_name=name,",
        'resource_name="*",',
        "test_security_choices.py",
    ),
    Mutant(
        "the key does not serve named log groups",
        KEY,
        "if vended else []",
        "if not vended else []",
        "test_security_choices.py",
    ),
    Mutant(
        "the key never rotates",
        KEY,
        "enable_key_rotation=True",
        "enable_key_rotation=False",
        "test_security_choices.py",
    ),
    Mutant(
        "tables keep AWS's key",
        DATA,
        "customer_managed_key(self.key) if self.key else None",
        "aws_managed_key()",
        "test_security_choices.py",
    ),
    Mutant("secrets keep AWS's key", DATA, "            encryption_key=self.key,\n", "", "test_security_choices.py"),
    Mutant(
        "functions' logs keep AWS's key", FUNCTION, "            encryption_key=key,\n", "", "test_security_choices.py"
    ),
    Mutant(
        "access logs keep AWS's key",
        "stacks/constructs/access_log.py",
        "            encryption_key=key,\n",
        "",
        "test_security_choices.py",
    ),
    Mutant(
        "the upload's log keeps AWS's key",
        WEB,
        "            encryption_key=self._key,\n",
        "",
        "test_security_choices.py",
    ),
    Mutant(
        "the bus keeps AWS's key", "stacks/constructs/chat_bus.py", ", kms_key=data.key", "", "test_security_choices.py"
    ),
    Mutant("the topic keeps AWS's key", OPERATIONS, ", master_key=key", "", "test_security_choices.py"),
    Mutant(
        "queues keep AWS's key",
        QUEUES,
        "            encryption_master_key=key,\n            visibility",
        "            visibility",
        "test_security_choices.py",
    ),
    Mutant(
        "dead letters keep AWS's key",
        QUEUES,
        "            encryption_master_key=key,\n            retention",
        "            retention",
        "test_security_choices.py",
    ),
    Mutant("a short secret", DATA, "password_length=64", "password_length=8", "test_data_stack.py"),
    Mutant("the topic takes plain HTTP", OPERATIONS, ", enforce_ssl=True", "", "test_operations_stack.py"),
    Mutant("any account raises alarms", OPERATIONS, ", conditions=own_account", "", "test_operations_stack.py"),
    Mutant("the bucket takes plain HTTP", WEB, "enforce_ssl=True", "enforce_ssl=False", "test_web_stack.py"),
    Mutant(
        "the bucket is open to policies",
        WEB,
        "BlockPublicAccess.BLOCK_ALL",
        "BlockPublicAccess.BLOCK_ACLS_ONLY",
        "test_web_stack.py",
    ),
    Mutant(
        "pages over plain HTTP",
        WEB,
        "ViewerProtocolPolicy.REDIRECT_TO_HTTPS",
        "ViewerProtocolPolicy.ALLOW_ALL",
        "test_web_stack.py",
    ),
    Mutant(
        "the console runs inline scripts",
        WEB,
        '''"script-src": "'self'"''',
        '''"script-src": "'self' 'unsafe-inline'"''',
        "test_web_stack.py",
    ),
    Mutant(
        "the console in a frame",
        WEB,
        '''"frame-ancestors": "'none'"''',
        '''"frame-ancestors": "*"''',
        "test_web_stack.py",
    ),
    Mutant(
        "every header of a page is allowed",
        REST,
        'allow_headers=["content-type", "authorization", *TRACING_HEADERS]',
        'allow_headers=["*"]',
        "test_chat_stack.py",
    ),
    Mutant(
        "every origin calls",
        REST,
        "allow_origins=list(environment.origins)",
        'allow_origins=["*"]',
        "test_security_choices.py",
    ),
    Mutant(
        "every origin connects",
        CHAT,
        'return ",".join(self._environment.origins)',
        'return "*"',
        "test_security_choices.py",
    ),
    Mutant(
        "nobody is asked at $connect",
        SOCKET,
        '                identity_source=["route.request.querystring.userId"],\n',
        "",
        "test_chat_stack.py",
    ),
    Mutant(
        "the access log holds device ids",
        "stacks/constructs/access_log.py",
        '    "authorizerStatus": ',
        '    "userId": "$context.authorizer.principalId",\n    "authorizerStatus": ',
        "test_chat_stack.py",
    ),
)
