"""Small templates to compare, and what is said of them."""

from __future__ import annotations

from typing import Any

from review.assembly import assembly
from review.report import Review, review

Json = dict[str, Any]


def resource(resource_type: str, properties: Json | None = None, **attributes: Any) -> Json:
    """A resource of AWS."""
    return {"Type": f"AWS::{resource_type}", "Properties": properties or {}, **attributes}


def kept(resource_type: str, properties: Json | None = None) -> Json:
    """A resource that stays in the account when it leaves its stack."""
    return resource(resource_type, properties, DeletionPolicy="Retain", UpdateReplacePolicy="Retain")


def policy(*statements: Json, role: str = "ConversationRole") -> Json:
    """What a role may do."""
    return resource("IAM::Policy", {"PolicyDocument": {"Statement": list(statements)}, "Roles": [{"Ref": role}]})


def allow(action: Any, on: Any, **more: Any) -> Json:
    """One statement."""
    return {"Effect": "Allow", "Action": action, "Resource": on, **more}


def role(principal: Json) -> Json:
    """A role that `principal` may assume."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    return resource("IAM::Role", {"AssumeRolePolicyDocument": {"Statement": [trust]}})


def compared(before: Json, after: Json, *, environment: str = "dev") -> Review:
    """The review of one stack's resources."""
    old, new = (
        assembly({f"SellerChat-{environment}-Data": {"Resources": each}}, environment=environment)
        for each in (before, after)
    )
    return review({environment: old}, {environment: new})
