"""What of an address stands for the people behind it."""

from __future__ import annotations

from ipaddress import IPv6Network, ip_address

HOME = 64
"""The length of what a home or an office is given of IPv6 (RFC 6177): its devices take a new address when they like."""


def network_of(address: str) -> str:
    """What is counted together: an IPv4 address, or the network that an IPv6 address is in."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(IPv6Network((int(parsed), HOME), strict=False)) if parsed.version == 6 else address
