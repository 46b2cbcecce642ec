"""`eval "$(make local-credentials)"`: lets any AWS client of this shell reach the running local system."""

from __future__ import annotations

import shlex
import sys

from administration.command_line import answer
from administration.deployments import Access, local_access


def as_shell(access: Access) -> str:
    """What a shell evaluates. What would win over the key, or send it elsewhere, is taken away."""
    variables = {
        "AWS_ENDPOINT_URL": access.endpoint,
        "AWS_ACCESS_KEY_ID": access.access_key_id,
        "AWS_SECRET_ACCESS_KEY": access.secret_access_key,
        "AWS_REGION": access.region,
        "AWS_DEFAULT_REGION": access.region,
    }
    exports = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    return "\n".join(["unset AWS_PROFILE AWS_SESSION_TOKEN", *exports])


def main() -> int:
    """Print the assignments; return 1 after one line on standard error that says why not."""
    return answer(lambda: as_shell(local_access()))


if __name__ == "__main__":
    sys.exit(main())
