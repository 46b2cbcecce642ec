"""What is measured. Each is one metric of CloudWatch, by the environment and nothing of a person."""

from __future__ import annotations

from enum import StrEnum


class Metric(StrEnum):
    """The names of the metrics; docs/operations.md says what each tells."""

    CONTACTS_OPENED = "ContactsOpened"
    CONTACTS_QUEUED = "ContactsQueued"
    CONTACTS_ASSIGNED = "ContactsAssigned"
    CONTACTS_ABANDONED = "ContactsAbandoned"
    CONTACTS_MOVED = "ContactsMoved"
    CONTACTS_REOPENED = "ContactsReopened"
    ASSIGNMENT_SECONDS = "AssignmentSeconds"
    LATE_ASSIGNMENTS = "LateAssignments"
    FIRST_ANSWER_SECONDS = "FirstAnswerSeconds"
    VISITOR_MESSAGES = "VisitorMessages"
    SELLER_MESSAGES = "SellerMessages"
    REST_MESSAGES = "RestMessages"
    FAILED_SENDS = "FailedSends"
    PUSH_MS = "PushMs"
    LATE_PUSHES = "LatePushes"
    GONE_PUSHES = "GonePushes"
    FAILED_PUSHES = "FailedPushes"
    FAILED_LOOKUPS = "FailedLookups"
    FAILED_CONNECTS = "FailedConnects"
    APPEND_CONFLICTS = "AppendConflicts"
    DIRECTORY_MS = "DirectoryMs"
    DIRECTORY_FAILURES = "DirectoryFailures"
    PROTOCOL_ERRORS = "ProtocolErrors"
    TROUBLED_PAGES = "TroubledPages"
    PAGE_RECONNECTS = "PageReconnects"
    PAGE_FAILED_SENDS = "PageFailedSends"
    PAGE_SLOWEST_SEND_MS = "PageSlowestSendMs"
