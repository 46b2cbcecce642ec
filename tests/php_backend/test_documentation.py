"""The commands of docs/php-backend.md do what is written below them."""

from __future__ import annotations

import json
import os
import re
import subprocess

import pytest

from chat.access.tokens import seller_of
from tests.php_backend.shop import API_KEY, EXAMPLE, TOKEN_SECRET, WEBHOOK_SECRET, Shop

pytestmark = pytest.mark.enable_socket

ROOT = EXAMPLE.parents[1]
DOCUMENT = (ROOT / "docs" / "php-backend.md").read_text()
EXAMPLES = re.findall(r"```bash\n([^`]*\bcurl [^`]*)```(?:\n\n```json\n([^`]*)```)?", DOCUMENT)


def run(command: str, shop: Shop) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "PHP_API_URL": shop.url,
        "PHP_API_KEY": API_KEY,
        "WEBHOOK_SECRET": WEBHOOK_SECRET,
        "SELLER_TOKEN_SECRET": TOKEN_SECRET,
    }
    bash = ["bash", "-euc", command]
    done = subprocess.run(bash, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)  # noqa: S603
    return done.stdout


def test_each_call_is_answered_as_shown(shop: Shop) -> None:
    assert len(EXAMPLES) == 4
    *shown, (look, nothing) = EXAMPLES
    for command, answer in shown:
        assert json.loads(run(command, shop)) == json.loads(answer)
    assert nothing == ""
    [event] = json.loads(run(look, shop))["events"]
    assert event["type"] == "contact.assigned"


def test_the_token_that_is_printed_is_believed(shop: Shop) -> None:
    [command] = re.findall(r"```bash\n(php .*bin/seller-token.*)\n```", DOCUMENT)
    assert seller_of(run(command, shop).strip(), TOKEN_SECRET).user_id == "123456"
