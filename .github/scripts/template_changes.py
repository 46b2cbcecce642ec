"""Writes, as Markdown, how the CloudFormation of one checkout differs from another's; needs no AWS credentials.

Both must be synthesized with `make synth-all`. The output is meant for a comment on a pull request.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

LONGEST_COMMENT = 60_000
"""Characters; GitHub refuses comments of more than 65,536."""


def main() -> int:
    """Print the differences of every environment."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", type=Path, help="the checkout to compare with")
    parser.add_argument("head", type=Path, help="the checkout that is proposed")
    arguments = parser.parse_args()
    environments = sorted(folder.name for folder in (arguments.head / "cdk.out").iterdir() if folder.is_dir())
    sections = [environment_changes(arguments.base, arguments.head, name) for name in environments]
    report = "## Changes to the infrastructure\n\n" + "\n".join(sections)
    if len(report) > LONGEST_COMMENT:
        report = report[:LONGEST_COMMENT] + "\n```\n\nThe rest is left out: see `make diff`.\n"
    sys.stdout.write(report)
    return 0


def environment_changes(base: Path, head: Path, environment: str) -> str:
    """Return one environment's section: a folded diff for each stack that changes."""
    proposed = templates(head, environment)
    existing = templates(base, environment)
    changed = [name for name in sorted(proposed | existing) if text(proposed.get(name)) != text(existing.get(name))]
    if not changed:
        return f"**{environment}**: no change.\n"
    return "\n".join(stack_changes(head, environment, name, proposed=proposed, existing=existing) for name in changed)


def stack_changes(
    head: Path, environment: str, stack: str, *, proposed: dict[str, Path], existing: dict[str, Path]
) -> str:
    """Return one stack's differences, folded."""
    difference = (
        difference_from(head, environment, stack, existing.get(stack)) if stack in proposed else "The stack is removed."
    )
    return f"<details><summary><b>{environment}</b>: {stack}</summary>\n\n```\n{difference}\n```\n\n</details>\n"


def templates(checkout: Path, environment: str) -> dict[str, Path]:
    """Return the templates of an environment by the name of their stack; none if it did not exist."""
    suffix = ".template.json"
    found = (checkout / "cdk.out" / environment).glob(f"*{suffix}")
    return {path.name.removesuffix(suffix): path.resolve() for path in found}


def text(template: Path | None) -> str | None:
    """Return a template's text, or None for a stack that does not exist."""
    return template.read_text(encoding="utf-8") if template else None


def difference_from(head: Path, environment: str, stack: str, existing: Path | None) -> str:
    """Return what `cdk diff` says of a stack against a template, or against nothing for a new stack."""
    with tempfile.TemporaryDirectory() as folder:
        nothing = Path(folder) / "empty.json"
        nothing.write_text("{}", encoding="utf-8")
        command = ["node", "node_modules/aws-cdk/bin/cdk", "diff", stack, "--app", f"cdk.out/{environment}"]
        options = ["--template", str(existing or nothing), "--exclusively", "--no-notices", "--no-color"]
        finished = subprocess.run(  # noqa: S603 - the words are ours
            [*command, *options], cwd=head, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True
        )
    return finished.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
