"""Follows the files while `make run` runs: what is saved is live a few seconds later, and what is broken never is."""

import io
import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local_aws.cdk_command import ROOT

if TYPE_CHECKING:
    import boto3

CHAT_STACK = "SellerChat-local-Chat"
LAMBDAS = ROOT / "lambdas"
ROOMS = ("chat", "handlers")
"""What is ours in the functions' bundle; the rest is what they depend on."""

LONGEST_REASON = 300
IMPORT_SECONDS = 30
_IMPORTS = """
import importlib, sys, traceback
try:
    for name in sys.argv[1:]:
        importlib.import_module(name)
except BaseException as error:
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = getattr(error, "filename", None) or last.filename, getattr(error, "lineno", None) or last.lineno
    sys.exit(f"{place[0]}:{place[1]}: {type(error).__name__}: {error}")
"""

Stamps = Mapping[Path, int]


class NotLiveError(Exception):
    """What was saved is broken, and what ran before goes on; the text says where and why."""


@dataclass
class Folder:
    """Some files, and how they were when somebody looked last."""

    root: Path
    suffixes: tuple[str, ...]
    _seen: Stamps = field(init=False)

    def __post_init__(self) -> None:
        self._seen = self._stamps()

    def changed(self) -> list[Path]:
        """What was saved, made or removed since the last look; nothing while it is still being written."""
        now = self._stamps()
        if now == self._seen:
            return []
        time.sleep(0.05)
        if self._stamps() != now:
            return []
        changed = sorted(path for path in {*now, *self._seen} if now.get(path) != self._seen.get(path))
        self._seen = now
        return changed

    def _stamps(self) -> Stamps:
        found: dict[Path, int] = {}
        for folder, folders, names in os.walk(self.root):
            folders[:] = [each for each in folders if not each.startswith((".", "__pycache__", "node_modules"))]
            for name in names:
                if name.endswith(self.suffixes) and not name.startswith("."):
                    path = Path(folder, name)
                    # An editor may have just put another file in its place.
                    found[path] = path.stat().st_mtime_ns if path.exists() else 0
        return found


class Functions:
    """The deployed functions, whose code can be replaced while they are called."""

    def __init__(self, client: Any, deployed: Callable[[], bytes], sources: Path = LAMBDAS) -> None:
        self._client = client
        self._deployed = deployed
        self._sources = sources
        self._bundle: bytes | None = None

    def replace(self) -> None:
        """Have every function run what the sources say.

        Raises:
            NotLiveError: they cannot be imported, and nothing was replaced.
        """
        functions = [
            each for each in self._client.list_functions()["Functions"] if each["Handler"].startswith("handlers.")
        ]
        self._try(functions)
        code = self._zipped()
        with ThreadPoolExecutor(len(functions)) as threads:
            list(threads.map(lambda each: self._update(each["FunctionName"], code), functions))

    def _update(self, name: str, code: bytes) -> None:
        self._client.update_function_code(FunctionName=name, ZipFile=code)

    def _try(self, functions: Iterable[Mapping[str, Any]]) -> None:
        """Import all handlers as a sandbox would, in a process of its own."""
        told: dict[str, str] = {}
        for each in functions:
            told |= each["Environment"]["Variables"]
        command = [sys.executable, "-B", "-c", _IMPORTS, *(each["Handler"].rpartition(".")[0] for each in functions)]
        environment = {**os.environ, **told, "PYTHONPATH": str(self._sources), "AWS_EC2_METADATA_DISABLED": "true"}
        environment |= {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "nothing", "AWS_REGION": "eu-central-1"}
        environment |= {"AWS_DEFAULT_REGION": "eu-central-1"}
        try:
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, check=False, timeout=IMPORT_SECONDS
            )
        except subprocess.TimeoutExpired:
            raise NotLiveError(f"the import took more than {IMPORT_SECONDS} s") from None
        if done.returncode:
            said = " ".join(done.stderr.split()).replace(f"{self._sources}/", "")
            raise NotLiveError(said[:LONGEST_REASON])

    def _zipped(self) -> bytes:
        """The bundle as it was deployed, with our own modules as they are now."""
        if self._bundle is None:
            self._bundle = self._dependencies()
        code = io.BytesIO(self._bundle)
        with zipfile.ZipFile(code, "a") as archive:
            for room in ROOMS:
                for path in sorted((self._sources / room).rglob("*.py")):
                    archive.write(path, path.relative_to(self._sources).as_posix())
        return code.getvalue()

    def _dependencies(self) -> bytes:
        """What the functions depend on, out of the bundle that was deployed."""
        deployed, kept = zipfile.ZipFile(io.BytesIO(self._deployed())), io.BytesIO()
        with zipfile.ZipFile(kept, "w") as archive:
            for each in deployed.infolist():
                if each.filename.split("/")[0] not in ROOMS:
                    archive.writestr(each, deployed.read(each))
        return kept.getvalue()


def deployed_bundle(session: "boto3.Session", endpoint: str) -> bytes:
    """The functions' bundle as the last deployment left it."""
    formation = session.client("cloudformation", endpoint_url=endpoint)
    template = formation.get_template(StackName=CHAT_STACK)["TemplateBody"]
    body = json.loads(template) if isinstance(template, str) else template
    key = next(
        each["Properties"]["Code"]["S3Key"]
        for each in body["Resources"].values()
        if each["Type"] == "AWS::Lambda::Function" and str(each["Properties"]["Handler"]).startswith("handlers.")
    )
    files = session.client("s3", endpoint_url=endpoint)
    bucket = next(each["Name"] for each in files.list_buckets()["Buckets"] if each["Name"].startswith("cdk-"))
    found: bytes = files.get_object(Bucket=bucket, Key=key)["Body"].read()
    return found


class Watch:
    """Looks at the files each time that it is asked to, and tells in a line what came of a change."""

    def __init__(self, functions: Functions, report: Callable[[str], None], *, lambdas: Path = LAMBDAS) -> None:
        self._report = report
        self._functions = functions
        self._lambdas = Folder(lambdas, (".py",))
        self._widget = Folder(ROOT / "widget" / "src", (".ts", ".css", ".json", ".html", ".svg"))
        self._stacks = Folder(ROOT / "stacks", (".py",))

    def look(self) -> None:
        """Bring what was saved since the last look into the running system."""
        if changed := self._lambdas.changed():
            self._bring(changed, self._functions.replace)
        if changed := self._widget.changed():
            self._bring(changed, _build_widget)
        if changed := self._stacks.changed():
            self._report(f"{_names(changed)}: deployed by the next `make run`.")

    def _bring(self, changed: list[Path], into: Callable[[], object]) -> None:
        started = time.monotonic()
        try:
            into()
        except NotLiveError as error:
            self._report(f"{_names(changed)}: not live, what ran before goes on: {error}")
        else:
            self._report(f"{_names(changed)}: live after {time.monotonic() - started:.1f} s.")


def _build_widget() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "stacks.widget_build", "quick"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotLiveError(" ".join(done.stderr.split())[:LONGEST_REASON])


def _names(changed: list[Path]) -> str:
    first = changed[0].relative_to(ROOT) if changed[0].is_relative_to(ROOT) else Path(changed[0].name)
    return f"{first.as_posix()}" + (f" and {len(changed) - 1} more" if len(changed) > 1 else "")
