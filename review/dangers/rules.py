"""By which changes of a property something is protected, encrypted, kept or told of less well than before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from review.changes import PropertyChange
from review.dangers.findings import Kind
from review.values import Value

Comparison = Callable[[Value | None, Value | None], bool]


@dataclass(frozen=True)
class Rule:
    """Properties, by a name anywhere in their path, and how they get worse."""

    kind: Kind
    names: frozenset[str]
    is_worse: Comparison
    what: str
    types: frozenset[str] = frozenset()
    """Of which resources; empty for all."""

    def is_broken(self, resource_type: str, change: PropertyChange) -> bool:
        """Whether this is about a property of such a resource, and it gets worse."""
        is_about = not self.names.isdisjoint(change.path) and (not self.types or resource_type in self.types)
        return is_about and self.is_worse(change.before, change.after)


def _goes_off(before: Value | None, after: Value | None) -> bool:
    return before in ("true", "Enabled", "ENABLED") and after != before


def _goes(before: Value | None, after: Value | None) -> bool:
    return before is not None and after is None


def _is_another(before: Value | None, after: Value | None) -> bool:
    return before is not None and after is not None and before != after


def _comes(before: Value | None, after: Value | None) -> bool:
    return before is None and after is not None


def shrinks(before: Value | None, after: Value | None) -> bool:
    """Whether a number gets smaller; a time that is not said is endless."""
    return _number(after) < _number(before)


def grows(before: Value | None, after: Value | None) -> bool:
    """Whether a number gets larger."""
    return _number(after) > _number(before)


def _rises(before: Value | None, after: Value | None) -> bool:
    return before is not None and after is not None and grows(before, after)


def _sinks(before: Value | None, after: Value | None) -> bool:
    return before is not None and after is not None and shrinks(before, after)


def _asks_for_more(before: Value | None, after: Value | None) -> bool:
    """Whether fewer things meet a pattern: of what is listed one is enough, and what is not said need not be met."""
    return _comes(before, after) or (after is not None and _loses_some(before, after))


def _shrinks_from(default: int) -> Comparison:
    """Whether a number gets smaller of which AWS has its own where none is said."""
    return lambda before, after: shrinks(before or str(default), after or str(default))


def _loses_some(before: Value | None, after: Value | None) -> bool:
    return bool(members(before) - members(after))


def _loses_words(before: Value | None, after: Value | None) -> bool:
    return bool(set(str(before or "").split()) - set(str(after or "").split()))


def _gains_some(before: Value | None, after: Value | None) -> bool:
    return "*" not in members(before) and bool(members(after) - members(before))


def _becomes(*values: str) -> Comparison:
    return lambda before, after: after in values and before != after


def _stops_being(value: str) -> Comparison:
    return lambda before, after: before == value and after != value


def _no_longer_asks(before: Value | None, after: Value | None) -> bool:
    return before not in (None, "NONE") and after in (None, "NONE")


def _number(value: Value | None) -> float:
    try:
        return float(value) if isinstance(value, str) else float("inf")
    except ValueError:
        return float("inf")


def members(value: Value | None) -> frozenset[str]:
    """What a leaf lists; a text lists what is between its commas."""
    if isinstance(value, str):
        return frozenset(value.split(","))
    return value or frozenset()


def _rule(kind: Kind, names: str, is_worse: Comparison, what: str, *, of: str = "") -> Rule:
    return Rule(kind, frozenset(names.split()), is_worse, what, frozenset(f"AWS::{each}" for each in of.split()))


_FOUR_DAYS = 345_600
_KEYS = "KmsMasterKeyId KMSMasterKeyId KMSMasterKeyID KmsKeyId KMSKeyId KmsKeyArn KmsKeyIdentifier"
_HEADERS = "ContentSecurityPolicy StrictTransportSecurity FrameOptions ContentTypeOptions ReferrerPolicy"
_PUBLIC_ACCESS = "BlockPublicAcls BlockPublicPolicy IgnorePublicAcls RestrictPublicBuckets"
_SWITCHED = "Events::Rule Lambda::EventSourceMapping KMS::Key CloudFront::Distribution"
_TRIES = "maxReceiveCount MaximumRetryAttempts MaximumRecordAgeInSeconds MaximumEventAgeInSeconds"
_TABLES = "DynamoDB::Table DynamoDB::GlobalTable"
_GUARDS = "AuthorizerId WebACLId OriginAccessControlId ResponseHeadersPolicyId"
_LISTENERS = "Events::Rule Lambda::EventSourceMapping"
_MAILED = "SNS::Subscription Budgets::Budget"
_TLS = "SecurityPolicy MinimumProtocolVersion"
_DELETION = "DeletionProtectionEnabled DeletionProtection"
_THROTTLE = "ThrottlingRateLimit ThrottlingBurstLimit"

RULES = (
    _rule(Kind.LOSS, "GenerateSecretString SecretString", _is_another, "may get another value"),
    _rule(Kind.LOSS, "IndexName", _goes, "loses an index, and what looks there fails", of=_TABLES),
    _rule(Kind.LOSS, "Aliases", _loses_some, "no longer answers under a name", of="CloudFront::Distribution"),
    _rule(Kind.PUBLIC, _PUBLIC_ACCESS, _goes_off, "may become public"),
    _rule(Kind.PUBLIC, "AccessControl", _becomes("PublicRead", "PublicReadWrite"), "becomes public", of="S3::Bucket"),
    _rule(Kind.PUBLIC, "AuthorizationType AuthType", _no_longer_asks, "lets anybody in"),
    _rule(Kind.PUBLIC, "AllowOrigins ALLOWED_ORIGINS", _gains_some, "lets pages of more origins in"),
    _rule(Kind.PUBLIC, "UNKNOWN_SELLERS", _becomes("accept"), "accepts sellers whom nobody has registered"),
    _rule(Kind.PUBLIC, "VISITOR_TOKENS", _stops_being("required"), "lets visitors in without a token"),
    _rule(Kind.PUBLIC, "ViewerProtocolPolicy", _becomes("allow-all"), "speaks plain HTTP"),
    _rule(
        Kind.PROTECTION,
        "DeletionProtectionEnabled DeletionProtection",
        _goes_off,
        "is no longer protected against deletion",
    ),
    _rule(Kind.PROTECTION, "PointInTimeRecoveryEnabled", _goes_off, "can no longer be restored to a point in time"),
    _rule(Kind.PROTECTION, "VersioningConfiguration", _goes_off, "no longer keeps versions"),
    _rule(Kind.PROTECTION, "StreamSpecification", _goes, "no longer tells what happens in it"),
    _rule(Kind.PROTECTION, "StreamSpecification", _is_another, "tells other things of what happens in it"),
    _rule(Kind.PROTECTION, "RedrivePolicy DeadLetterConfig DestinationConfig", _goes, "no longer keeps what fails"),
    _rule(Kind.PROTECTION, "FunctionResponseTypes", _loses_some, "repeats a whole batch for one that fails"),
    _rule(Kind.PROTECTION, "State Enabled", _goes_off, "is switched off", of=_SWITCHED),
    _rule(Kind.PROTECTION, _GUARDS, _goes, "is no longer guarded"),
    _rule(Kind.PROTECTION, "SigningBehavior", _stops_being("always"), "no longer proves who it is"),
    _rule(Kind.PROTECTION, "IdentitySource", _loses_some, "asks less of those who come in"),
    _rule(Kind.PROTECTION, "PermissionsBoundary", _goes, "has no boundary of permissions any more"),
    _rule(Kind.PROTECTION, "PermissionsBoundary", _is_another, "has another boundary of permissions"),
    _rule(Kind.PROTECTION, _THROTTLE, _goes, "is no longer throttled"),
    _rule(Kind.PROTECTION, _THROTTLE, _rises, "is throttled later"),
    _rule(Kind.PROTECTION, "ReservedConcurrentExecutions", _goes, "has no concurrency of its own any more"),
    _rule(Kind.PROTECTION, "ReservedConcurrentExecutions", _sinks, "has less concurrency of its own"),
    _rule(Kind.PROTECTION, _HEADERS, _goes, "no longer sends a header that protects"),
    _rule(Kind.PROTECTION, _HEADERS, _is_another, "sends another header that protects"),
    _rule(Kind.PROTECTION, "AccessLogSettings LoggingConfiguration", _goes, "no longer writes down who calls"),
    _rule(Kind.PROTECTION, "AccessLogSettings", _is_another, "writes down other things, or elsewhere, of who calls"),
    _rule(Kind.PROTECTION, "DataTraceEnabled", _becomes("true"), "writes down what people say"),
    _rule(Kind.PROTECTION, "EventPattern FilterCriteria", _asks_for_more, "hears less", of=_LISTENERS),
    _rule(Kind.PROTECTION, "Id", _goes, "tells one less of what it hears", of="Events::Rule"),
    _rule(Kind.PROTECTION, "Arn", _is_another, "tells another one of what it hears", of="Events::Rule"),
    _rule(Kind.ENCRYPTION, _KEYS, _goes, "is no longer encrypted with the account's key"),
    _rule(Kind.ENCRYPTION, _KEYS, _is_another, "is encrypted with another key"),
    _rule(Kind.ENCRYPTION, "BucketEncryption SSESpecification", _goes, "no longer says how it is encrypted"),
    _rule(Kind.ENCRYPTION, "SSEEnabled SqsManagedSseEnabled", _goes_off, "is no longer encrypted so"),
    _rule(Kind.ENCRYPTION, "EnableKeyRotation", _goes_off, "no longer rotates"),
    _rule(Kind.ENCRYPTION, _TLS, _goes, "no longer says which TLS it speaks"),
    _rule(Kind.ENCRYPTION, _TLS, _is_another, "speaks another TLS"),
    _rule(Kind.RETENTION, "RetentionInDays RecoveryPeriodInDays RETENTION_DAYS", shrinks, "less long"),
    _rule(Kind.RETENTION, "MessageRetentionPeriod", _shrinks_from(_FOUR_DAYS), "less long"),
    _rule(Kind.RETENTION, "ExpirationInDays", shrinks, "less long"),
    _rule(Kind.RETENTION, _TRIES, shrinks, "gives up sooner"),
    _rule(Kind.RETENTION, "TimeToLiveSpecification", _goes, "no longer forgets what has expired"),
    _rule(Kind.RETENTION, "TimeToLiveSpecification", _comes, "begins to forget what has expired"),
    _rule(Kind.RETENTION, "TimeToLiveSpecification", _is_another, "forgets by another rule"),
    _rule(Kind.ALARM, "ActionsEnabled", _goes_off, "tells nobody any more"),
    _rule(Kind.ALARM, "AlarmActions", _loses_some, "tells fewer"),
    _rule(Kind.ALARM, "AlarmRule", _is_another, "no longer watches the same"),
    _rule(Kind.ALARM, "FilterPattern", _loses_words, "counts fewer lines", of="Logs::MetricFilter"),
    _rule(Kind.ALARM, "MetricTransformations", _is_another, "is counted elsewhere", of="Logs::MetricFilter"),
    _rule(Kind.ALARM, "Amount Threshold", _rises, "tells later", of="Budgets::Budget"),
    _rule(Kind.ALARM, "Address", _goes, "tells fewer", of="Budgets::Budget"),
    _rule(Kind.ALARM, "Endpoint Address", _is_another, "tells somebody else", of=_MAILED),
    _rule(Kind.TRUST, "AuthorizerUri", _is_another, "has another function say who may come in"),
    _rule(Kind.TRUST, "AuthorizerResultTtlInSeconds", _rises, "believes for longer what was once said of somebody"),
    _rule(Kind.TRUST, "SELLER_TOKEN_ISSUER SELLER_TOKEN_JWKS_URL", _is_another, "believes another issuer"),
    _rule(Kind.TRUST, "PHP_API_URL", _is_another, "trusts another back end of the shop"),
)
