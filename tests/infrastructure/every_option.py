"""`make synth-regions`: production with every option, for the Region in `CDK_DEFAULT_REGION`."""

from __future__ import annotations

from app import add_stacks
from tests.infrastructure.synthesis import new_app, with_every_option


def main() -> None:
    """Synthesize; ends with an exception where a type of resource is not known in the Region."""
    app = new_app()
    add_stacks(app, with_every_option("production"))
    app.synth()


if __name__ == "__main__":
    main()
