"""The whole of a review: what is the same in several environments is said once, and a comment has room for the rest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from review.__main__ import main
from review.assembly import Assembly, assembly, read
from review.dangers.findings import Kind
from review.report import every_property, for_terminal, looked_at, markdown, review
from tests.review.templates import Json, compared, kept, resource

HASH = "6d418340238edc0e623816fdfc75ce6d8ab6c516403cf050a51c50f12d18f5bc"


def environment(name: str, resources: Json) -> Assembly:
    return assembly({f"SellerChat-{name}-Data": {"Resources": resources}}, environment=name)


def logs(days: int) -> Json:
    return {"Logs": kept("Logs::LogGroup", {"RetentionInDays": days})}


def test_what_holds_for_every_environment_is_said_once_and_else_of_which() -> None:
    base = {name: environment(name, logs(30)) for name in ("dev", "staging", "production")}
    head = {name: environment(name, logs(7)) for name in ("dev", "staging", "production")}
    some = {**head, "dev": base["dev"]}

    assert looked_at(review(base, head)) == ["**Kept for less long**: Data: Logs: less long: RetentionInDays 30 → 7"]
    assert looked_at(review(base, some))[0].endswith("30 → 7 · staging, production")


def test_the_comment_has_the_dangers_then_the_stacks_and_folds_the_rest() -> None:
    text = markdown(compared(logs(30), logs(7)), longest=60_000)

    assert text.splitlines()[:9] == [
        "## Changes to the infrastructure",
        "",
        "### Look here",
        "",
        "- **Kept for less long**: Data: Logs: less long: RetentionInDays 30 → 7",
        "",
        "### By stack",
        "",
        "- **Data**",
    ]
    assert text.index("### By stack") < text.index("<details><summary>Every property: dev</summary>")
    assert text.count("<details>") == text.count("</details>") == 1


def test_a_comment_that_is_too_long_loses_the_end_of_what_is_folded_and_stays_whole() -> None:
    many = {f"Function{number}": resource("Lambda::Function", {"MemorySize": number}) for number in range(300)}
    more = {name: resource("Lambda::Function", {"MemorySize": 512 + number}) for number, name in enumerate(many)}
    text = markdown(compared(many, more), longest=30_000)

    assert len(text) <= 30_000
    assert "The rest is left out: see `make review`." in text
    assert text.count("```") % 2 == 0
    assert text.count("<details>") == text.count("</details>")


def test_no_change_says_so() -> None:
    assert "No stack changes." in markdown(compared(logs(7), logs(7)), longest=60_000)


def test_other_files_are_one_line_without_hashes() -> None:
    def function(content: str) -> Json:
        return {name: resource("Lambda::Function", {"Code": {"S3Key": f"{content}.zip"}}) for name in ("One", "Two")}

    text = for_terminal(compared(function(HASH), function(HASH[::-1])))

    assert "One, Two: gets other files" in text
    assert HASH not in text


def test_an_output_for_people_that_goes_is_told_and_one_for_stacks_is_not() -> None:
    def stack(**outputs: Json) -> dict[str, Assembly]:
        template = {"Resources": {"Bus": resource("Events::EventBus")}, "Outputs": outputs}
        return {"dev": assembly({"SellerChat-dev-Chat": template}, environment="dev")}

    for_people, for_stacks = {"Value": {"Ref": "Bus"}}, {"Value": {"Ref": "Bus"}, "Export": {"Name": "bus"}}

    text = for_terminal(review(stack(EventBus=for_people, Exported=for_stacks), stack()))

    assert text.endswith("- Chat\n  - EventBus: is removed (Output)\n")


def test_permissions_read_as_names_in_every_part() -> None:
    def templates(action: str) -> dict[str, Json]:
        shared = {"Fn::ImportValue": "SellerChat-dev-Data:ExportsOutputSellersArn"}
        statement = {"Effect": "Allow", "Action": action, "Resource": shared}
        export = {"Value": {"Fn::GetAtt": ["Sellers9D2CEFAA", "Arn"]}, "Export": {"Name": shared["Fn::ImportValue"]}}
        path = {"aws:cdk:path": "SellerChat-dev-Chat/Conversation/Role/DefaultPolicy/Resource"}
        properties = {"PolicyDocument": {"Statement": [statement]}, "Roles": [{"Ref": "Role7EBE5EA6"}]}
        return {
            "SellerChat-dev-Data": {
                "Resources": {"Sellers9D2CEFAA": kept("DynamoDB::GlobalTable")},
                "Outputs": {"ExportsOutputSellersArn": export},
            },
            "SellerChat-dev-Chat": {"Resources": {"Policy": resource("IAM::Policy", properties, Metadata=path)}},
        }

    base, head = ({"dev": assembly(templates(action), environment="dev")} for action in ("x:Get", "x:*"))
    result = review(base, head)

    assert looked_at(result) == ["**Permissions**: Chat: Role7EBE5EA6: may x:* on Data/Sellers"]
    assert (
        "Conversation/Role/DefaultPolicy: changes: PolicyDocument.may on Data/Sellers + x:*, - x:Get"
        in for_terminal(result)
    )
    assert "Fn::" not in markdown(result, longest=60_000) + every_property(result)


def test_an_environment_and_a_stack_that_go_are_told_and_new_ones_are_not_compared() -> None:
    base = {"dev": environment("dev", logs(7)), "production": environment("production", logs(90))}
    head = {"dev": environment("dev", logs(7)), "qa": environment("qa", logs(7))}
    result = review(base, head)

    assert [finding.kind for _, finding in result.findings] == [Kind.LOSS]
    assert looked_at(result)[0].endswith("nothing deploys it, and nothing deletes it · production")
    assert "the stack: is new, with 1 resources · qa" in for_terminal(result)


def test_a_synthesized_environment_is_read_with_whether_its_stacks_are_protected(tmp_path: Path) -> None:
    def written(folder: str, *, protected: bool) -> Path:
        place = tmp_path / folder / "dev"
        place.mkdir(parents=True)
        (place / "SellerChat-dev-Data.template.json").write_text(json.dumps({"Resources": logs(7)}))
        artifact = {"SellerChat-dev-Data": {"properties": {"terminationProtection": protected}}}
        (place / "manifest.json").write_text(json.dumps({"artifacts": artifact}))
        return place

    result = review({"dev": read(written("a", protected=True))}, {"dev": read(written("b", protected=False))})

    assert looked_at(result) == ["**Protection**: Data: the stack: is no longer protected against deletion"]


def test_what_is_not_synthesized_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["review", str(tmp_path), str(tmp_path)])
    with pytest.raises(SystemExit, match="2"):
        main()

    assert f"{tmp_path} is not synthesized: run `make -C {tmp_path} synth-all`" in capsys.readouterr().err


def test_what_the_cdk_names_after_a_stack_is_the_same_in_every_environment() -> None:
    # It ends in a hash of the whole path, which the environment is part of.
    hashes = {"dev": "A0B0EA79", "production": "00FE71B2"}

    def templates(name: str, size: int) -> Assembly:
        source = f"SqsEventSource:SellerChat{name}DataQueue{hashes[name]}"
        path = {"aws:cdk:path": f"SellerChat-{name}-Data/Function/{source}/Resource"}
        mapping = resource("Lambda::EventSourceMapping", {"BatchSize": size}, Metadata=path)
        return environment(name, {f"Source{name}": mapping})

    base, head = ({name: templates(name, size) for name in ("dev", "production")} for size in (1, 2))

    assert "Function/SqsEventSource:DataQueue: changes: BatchSize 1 → 2\n" in for_terminal(review(base, head))
