"""What is saved becomes live, and what is broken does not."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from local_aws.watch import Folder, Functions, NotLiveError, Watch


class Lambda:
    """Two functions of one bundle, and the code that each was given since."""

    def __init__(self, folder: Path) -> None:
        self.bundle = folder / "deployed.zip"
        with zipfile.ZipFile(self.bundle, "w") as archive:
            for name in ("handlers/one.py", "chat/words.py", "chat/gone.py", "msgspec/__init__.py"):
                archive.writestr(name, "OLD = True")
        self.given: dict[str, dict[str, str]] = {}

    def list_functions(self) -> dict[str, Any]:
        told = {"Environment": {"Variables": {"GREETING": "hello"}}}
        return {
            "Functions": [
                {"FunctionName": "one", "Handler": "handlers.one.handle", **told},
                {"FunctionName": "two", "Handler": "handlers.two.handle", **told},
                {"FunctionName": "of-the-cdk", "Handler": "index.handler"},
            ]
        }

    def update_function_code(self, **asked: Any) -> None:
        with zipfile.ZipFile(io.BytesIO(asked["ZipFile"])) as code:
            self.given[asked["FunctionName"]] = {each: code.read(each).decode() for each in code.namelist()}


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Modules that can be imported where the variable is told."""
    folder = tmp_path / "lambdas"
    for name, text in {
        "chat/__init__.py": "",
        "chat/words.py": "import os\n\nGREETING = os.environ['GREETING']\n",
        "handlers/__init__.py": "",
        "handlers/one.py": "from chat.words import GREETING\n",
        "handlers/two.py": "",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def save(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 1_000_000))


def test_every_function_gets_our_modules_as_they_are_and_keeps_what_they_depend_on(
    tmp_path: Path, sources: Path
) -> None:
    deployed = Lambda(tmp_path)
    Functions(deployed, deployed.bundle.read_bytes, sources).replace()

    assert set(deployed.given) == {"one", "two"}
    code = deployed.given["one"]
    assert code["msgspec/__init__.py"] == "OLD = True"
    assert "GREETING" in code["handlers/one.py"]
    assert "chat/gone.py" not in code


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("chat/words.py", "def broken(:\n", "chat/words.py:1: SyntaxError"),
        ("handlers/two.py", "import nothing_there\n", "handlers/two.py:1: ModuleNotFoundError"),
        ("chat/words.py", "import os\n\nos.environ['MISSING']\n", "KeyError: 'MISSING'"),
        ("handlers/one.py", "raise SystemExit('no')\n", "handlers/one.py:1: SystemExit: no"),
    ],
)
def test_what_cannot_be_imported_says_where_and_why_and_replaces_nothing(
    tmp_path: Path, sources: Path, name: str, text: str, said: str
) -> None:
    save(sources / name, text)
    deployed = Lambda(tmp_path)

    with pytest.raises(NotLiveError) as error:
        Functions(deployed, deployed.bundle.read_bytes, sources).replace()

    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert deployed.given == {}


def test_a_look_tells_what_was_saved_made_and_removed_and_nothing_twice(sources: Path) -> None:
    folder = Folder(sources, (".py",))
    assert folder.changed() == []

    save(sources / "chat/words.py", "")
    save(sources / "chat/new.py", "")
    (sources / "handlers/two.py").unlink()
    save(sources / "chat/notes.txt", "")

    assert folder.changed() == sorted([sources / "chat/new.py", sources / "chat/words.py", sources / "handlers/two.py"])
    assert folder.changed() == []


def test_a_person_is_told_in_a_line_what_came_of_a_change(tmp_path: Path, sources: Path) -> None:
    told: list[str] = []
    deployed = Lambda(tmp_path)
    watch = Watch(Functions(deployed, deployed.bundle.read_bytes, sources), told.append, lambdas=sources)
    watch.look()
    assert told == []

    save(sources / "chat/words.py", "def broken(:\n")
    watch.look()
    save(sources / "chat/words.py", "GREETING = 'good morning'\n")
    watch.look()

    assert told[0].startswith("words.py: not live, what ran before goes on: chat/words.py:1: SyntaxError")
    assert told[1].startswith("words.py: live after ")
    assert len(told) == 2
    assert deployed.given["two"]["chat/words.py"] == "GREETING = 'good morning'\n"
