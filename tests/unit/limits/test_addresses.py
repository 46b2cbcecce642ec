"""What is counted together: an IPv4 address, and the network that an IPv6 address is in."""

from __future__ import annotations

import pytest

from chat.limits.addresses import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.1", "203.0.113.1"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("", ""),
        ("no address", "no address"),
    ],
)
def test_an_address_is_counted_by(address: str, network: str) -> None:
    assert network_of(address) == network
