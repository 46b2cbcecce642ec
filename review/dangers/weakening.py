"""Changes of properties by which something is protected, encrypted, kept or told of less well than before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from review.changes import Change, PropertyChange
from review.dangers.findings import Finding, Kind
from review.values import Value, shown

Comparison = Callable[[Value | None, Value | None], bool]


@dataclass(frozen=True)
class Rule:
    """A property, by its name wherever it is, and how it gets worse."""

    kind: Kind
    names: frozenset[str]
    is_worse: Comparison
    what: str


def _goes_off(before: Value | None, after: Value | None) -> bool:
    return before in ("true", "Enabled", "ENABLED") and after != before


def _goes(before: Value | None, after: Value | None) -> bool:
    return before is not None and after is None


def _shrinks(before: Value | None, after: Value | None) -> bool:
    """A time that is not said is endless."""
    return _number(after) < _number(before)


def _grows(before: Value | None, after: Value | None) -> bool:
    return _number(after) > _number(before)


def _loses_some(before: Value | None, after: Value | None) -> bool:
    return bool(_set(before) - _set(after))


def _opens(before: Value | None, after: Value | None) -> bool:
    return "*" in _set(after) and "*" not in _set(before)


def _becomes(*values: str) -> Comparison:
    return lambda before, after: after in values and before != after


RULES = (
    Rule(
        Kind.PROTECTION,
        frozenset({"DeletionProtectionEnabled", "DeletionProtection"}),
        _goes_off,
        "is no longer protected against deletion",
    ),
    Rule(
        Kind.PROTECTION,
        frozenset({"PointInTimeRecoveryEnabled"}),
        _goes_off,
        "can no longer be restored to a point in time",
    ),
    Rule(Kind.PROTECTION, frozenset({"VersioningConfiguration"}), _goes_off, "no longer keeps versions"),
    Rule(
        Kind.PROTECTION,
        frozenset({"RedrivePolicy", "DeadLetterConfig", "DestinationConfig"}),
        _goes,
        "no longer keeps what fails",
    ),
    Rule(Kind.PROTECTION, frozenset({"AuthorizerId", "WebACLId"}), _goes, "is no longer guarded"),
    Rule(Kind.PROTECTION, frozenset({"ThrottlingRateLimit", "ThrottlingBurstLimit"}), _goes, "is no longer throttled"),
    Rule(Kind.PROTECTION, frozenset({"ReservedConcurrentExecutions"}), _goes, "has no concurrency of its own any more"),
    Rule(
        Kind.PROTECTION,
        frozenset({"ContentSecurityPolicy", "StrictTransportSecurity", "FrameOptions", "ContentTypeOptions"}),
        _goes,
        "no longer sends a header that protects",
    ),
    Rule(
        Kind.PUBLIC,
        frozenset({"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"}),
        _goes_off,
        "may become public",
    ),
    Rule(Kind.PUBLIC, frozenset({"AuthorizationType", "AuthType"}), _becomes("NONE"), "lets anybody in"),
    Rule(Kind.PUBLIC, frozenset({"AllowOrigins", "ALLOWED_ORIGINS"}), _opens, "lets pages of every origin in"),
    Rule(Kind.PUBLIC, frozenset({"ViewerProtocolPolicy"}), _becomes("allow-all"), "speaks plain HTTP"),
    Rule(
        Kind.ENCRYPTION,
        frozenset(
            {
                "KmsMasterKeyId",
                "KMSMasterKeyId",
                "KMSMasterKeyID",
                "KmsKeyId",
                "KMSKeyId",
                "KmsKeyArn",
                "KmsKeyIdentifier",
            }
        ),
        _goes,
        "is no longer encrypted with the account's key",
    ),
    Rule(
        Kind.ENCRYPTION,
        frozenset({"BucketEncryption", "SSESpecification"}),
        _goes,
        "no longer says how it is encrypted",
    ),
    Rule(Kind.ENCRYPTION, frozenset({"SSEEnabled", "SqsManagedSseEnabled"}), _goes_off, "is no longer encrypted so"),
    Rule(Kind.ENCRYPTION, frozenset({"EnableKeyRotation"}), _goes_off, "no longer rotates"),
    Rule(
        Kind.RETENTION,
        frozenset({"RetentionInDays", "MessageRetentionPeriod", "RecoveryPeriodInDays", "RETENTION_DAYS"}),
        _shrinks,
        "less long",
    ),
    Rule(Kind.RETENTION, frozenset({"TimeToLiveSpecification"}), _goes, "no longer forgets what has expired"),
    Rule(Kind.ALARM, frozenset({"ActionsEnabled"}), _goes_off, "tells nobody any more"),
    Rule(Kind.ALARM, frozenset({"AlarmActions"}), _loses_some, "tells fewer"),
)

_ON_ALARMS = frozenset({"EvaluationPeriods", "DatapointsToAlarm"})


def weakened(change: Change) -> list[Finding]:
    """What gets worse of a resource that stays."""
    if change.before is None or change.after is None:
        return []
    found = [_finding(change, rule, each) for each in change.properties for rule in RULES if _applies(rule, each)]
    if change.resource.type == "AWS::CloudWatch::Alarm":
        found += [_later(change, each) for each in change.properties if _is_later(change, each)]
    return found


def _applies(rule: Rule, change: PropertyChange) -> bool:
    return not rule.names.isdisjoint(change.path) and rule.is_worse(change.before, change.after)


def _finding(change: Change, rule: Rule, each: PropertyChange) -> Finding:
    return Finding(rule.kind, change.resource.name, f"{rule.what}: {described(each)}")


def _is_later(change: Change, each: PropertyChange) -> bool:
    if each.path[-1] in _ON_ALARMS:
        return _grows(each.before, each.after)
    if each.path == ("Threshold",):
        is_below = str(change.resource.properties.get("ComparisonOperator")).startswith("Less")
        return (_shrinks if is_below else _grows)(each.before, each.after)
    return False


def _later(change: Change, each: PropertyChange) -> Finding:
    return Finding(Kind.ALARM, change.resource.name, f"tells later: {described(each)}")


def described(change: PropertyChange) -> str:
    """A property's change in one line."""
    name = ".".join(change.path)
    if isinstance(change.before, frozenset) or isinstance(change.after, frozenset):
        old, new = _set(change.before), _set(change.after)
        parts = [f"+ {shown(each)}" for each in sorted(new - old)] + [f"- {shown(each)}" for each in sorted(old - new)]
        return f"{name} {', '.join(parts)}"
    return f"{name} {shown(change.before, change.after)} → {shown(change.after, change.before)}"


def _number(value: Value | None) -> float:
    try:
        return float(value) if isinstance(value, str) else float("inf")
    except ValueError:
        return float("inf")


def _set(value: Value | None) -> frozenset[str]:
    if isinstance(value, str):
        return frozenset(value.split(","))
    return value or frozenset()
