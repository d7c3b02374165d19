"""Optimise as a workflow: round after round in a work session, with approvals, tests that fail, and attempts that are lost."""

import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents.drive import drive
from agents.llm.scripted import Script
from agents.models import PerformanceReport, Request, Run
from agents.workflows.live import describe_live
from agents.workspaces import copies, remove_leftovers
from project.accounts.models import User
from project.agent_settings import WorkspaceSettings
from tests.agents.bench.shops import FAST, SLOW, SPEC, Stages, make_shop, use
from tests.agents.conftest import Room
from tests.agents.driving import claim, eventually, expire_lease, lose, run_until_idle, scripted
from tests.agents.test_checkpoints import Lost
from tests.agents.test_resolve import check_contract
from tests.conftest import Api

pytestmark = pytest.mark.django_db(transaction=True)

NO_SCENARIOS = '{"scenarios": []}'


def patch(text: str, about: str = "Send to all at once.") -> str:
    """An implementer's answer: the whole of board.py anew."""
    return json.dumps({"about": about, "files": [{"path": "board.py", "content": text}]})


def answers(*patches: str, rounds: int | None = None) -> dict[str, list[Script]]:
    """What the roles say while these patches are tried."""
    count = rounds or len(patches) + 1
    return {
        "test": [NO_SCENARIOS],
        "implement": [*patches],
        "measure": [f"Figures {number}." for number in range(count)],
        "critique": [f"Judgement {number}." for number in range(1, count + 1)],
    }


@pytest.fixture
def shop(tmp_path: Path, settings: Any) -> Path:
    """A workspace of Alice's, in which patches need approval."""
    folder = make_shop(tmp_path / "shop")
    settings.WORKROOM_WORKSPACES = {"shop": WorkspaceSettings(path=folder, users=("alice",), sandbox=False)}
    settings.WORKROOM_DATA_DIR = tmp_path / "data"
    return folder


@pytest.fixture
def sandbox(shop: Path, settings: Any) -> Path:
    """The same, but patches need nobody."""
    settings.WORKROOM_WORKSPACES = {"shop": WorkspaceSettings(path=shop, users=("alice",), sandbox=True)}
    return shop


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch) -> Stages:
    return use(Stages(), monkeypatch)


async def start(room: Room, request: str = "Make moves faster, workspace: shop", **more: Any) -> tuple[str, dict[str, Any]]:
    """A session in which optimise was asked for, and its run."""
    session = await sync_to_async(room.session)("optimise", **more)
    return session, (await sync_to_async(room.say)(session, request))["run"]


async def outputs(room: Room, run: dict[str, Any]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = (await sync_to_async(room.run)(run))["agent_outputs"]
    return made


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def of(made: Sequence[dict[str, Any]], kind: str, role: str = "") -> list[dict[str, Any]]:
    return [each for each in made if each["kind"] == kind and role in ("", (each["data"] or {}).get("role"))]


async def test_rounds_go_on_until_the_budget_is_met(room: Room, sandbox: Path, stages: Stages) -> None:
    session, run = await start(room)
    with scripted(answers(patch(FAST))):
        await run_until_idle()
    final = await sync_to_async(room.run)(run)
    assert (final["status"], final["error"]) == ("completed", None)
    made = final["agent_outputs"]
    critiques = [each["data"] for each in of(made, "critique")]
    assert [(each["round"], each["fate"], each["decision"]) for each in critiques] == [(1, "first", "again"), (2, "kept", "met")]
    assert [point["headline"]["measured"] for point in critiques[-1]["trend"]] == [300.0, 40.0]
    assert [(each["data"]["round"], each["data"]["passed"]) for each in of(made, "performance")] == [(1, False), (2, True)]
    [change] = of(made, "subtask", "implementer")
    assert "+    await asyncio.gather" in change["data"]["diff"]
    [report] = of(made, "report")
    assert report["data"]["ratios"] == {"moves p95 < 100 ms": 7.5}
    assert "7.5 × better" in report["content"]
    assert "git apply" in report["content"]
    assert stages.done == [("test", 0), ("measure", 0), ("test", 1), ("measure", 1)]
    assert stages.orders[-1].baseline is not None
    check_contract(await sync_to_async(room.events)(session))


async def test_project_itself_is_never_changed_and_no_copy_is_left(room: Room, sandbox: Path, stages: Stages) -> None:
    await start(room)
    with scripted(answers(patch(FAST))):
        await run_until_idle()
    assert (sandbox / "board.py").read_text() == SLOW
    assert (names(sandbox), names(copies())) == (["bench.yaml", "board.py"], [])


async def test_reports_are_kept_as_rows_of_the_run(room: Room, sandbox: Path, stages: Stages) -> None:
    _, run = await start(room)
    with scripted(answers(patch(FAST))):
        await run_until_idle()
    rows = await sync_to_async(lambda: list(PerformanceReport.objects.order_by("round").select_related("output")))()
    assert [(row.round, row.passed, str(row.output.run_id)) for row in rows if row.output] == [(1, False, run["id"]), (2, True, run["id"])]


async def test_patch_is_shown_and_waits_for_approval(room: Room, shop: Path, stages: Stages) -> None:
    session, run = await start(room)
    with scripted(answers(patch(FAST))):
        await run_until_idle()
        request = await sync_to_async(room.request)(session)
        assert (request["kind"], request["tool_name"], request["reason"]) == ("approval", None, "Send to all at once.")
        assert "+    await asyncio.gather" in request["parameters"]["diff"]
        assert stages.done == [("test", 0), ("measure", 0)]
        await sync_to_async(room.answer)(request)
        await run_until_idle()
    assert (await sync_to_async(room.run)(run))["status"] == "completed"
    assert stages.done[2:] == [("test", 1), ("measure", 1)]
    check_contract(await sync_to_async(room.events)(session))


async def test_patch_is_tried_as_it_was_edited(room: Room, shop: Path, stages: Stages) -> None:
    session, run = await start(room)
    with scripted(answers(patch(FAST))):
        await run_until_idle()
        request = await sync_to_async(room.request)(session)
        edited = {**request["parameters"], "diff": request["parameters"]["diff"].replace("each", "person")}
        edited["diff"] = edited["diff"].replace("-    for person in", "-    for each in").replace("await person.send", "await each.send")
        await sync_to_async(room.answer)(request, arguments=edited)
        await run_until_idle()
    [report] = of(await outputs(room, run), "report")
    assert "for person in people" in report["content"]
    assert report["data"]["decision"] == "met"


async def test_edit_that_does_not_fit_is_told_and_the_next_round_begins(room: Room, shop: Path, stages: Stages) -> None:
    session, run = await start(room)
    with scripted(answers(patch(FAST), patch(FAST), rounds=3)):
        await run_until_idle()
        request = await sync_to_async(room.request)(session)
        await sync_to_async(room.answer)(request, arguments={"workspace": "shop", "diff": "nonsense"})
        await run_until_idle()
        await sync_to_async(room.answer)(await sync_to_async(room.request)(session))
        await run_until_idle()
    critiques = [each["data"] for each in of(await outputs(room, run), "critique")]
    assert [each["fate"] for each in critiques] == ["first", "unfit", "kept"]
    assert "no unified diff" in critiques[1]["note"]


async def test_denied_patch_is_not_run_and_its_note_reaches_the_implementer(room: Room, shop: Path, stages: Stages) -> None:
    session, run = await start(room)
    with scripted(answers(patch(FAST), patch("", "nothing"), rounds=3)) as model:
        await run_until_idle()
        await sync_to_async(room.answer)(await sync_to_async(room.request)(session), "deny", note="Keep the order.")
        await run_until_idle()
        assert stages.done == [("test", 0), ("measure", 0)]
        await sync_to_async(room.answer)(await sync_to_async(room.request)(session), "deny")
        await run_until_idle()
    critiques = [each["data"] for each in of(await outputs(room, run), "critique")]
    assert [(each["fate"], each["decision"]) for each in critiques] == [("first", "again"), ("denied", "again"), ("denied", "stuck")]
    asked = [each for each in model.asked if each.purpose == "implement"]
    assert "Keep the order." in asked[1].messages[-1].content


async def test_only_who_may_use_the_workspace_approves_its_patches(room: Room, shop: Path, stages: Stages, bob: User) -> None:
    session, _ = await start(room)
    with scripted(answers(patch(FAST))):
        await run_until_idle()
    request = await sync_to_async(room.request)(session)
    body = {"decision": "approve", "hash": request["hash"]}
    status, error = await sync_to_async(lambda: Api(bob).refused("post", f"/api/requests/{request['id']}/answer/", body))()
    assert (status, error["code"]) == (403, "forbidden")
    assert "workspace shop" in error["message"]
    assert (await sync_to_async(Request.objects.get)(id=request["id"])).status == "open"


async def test_patch_that_breaks_the_tests_is_taken_back_and_told(room: Room, sandbox: Path, stages: Stages) -> None:
    session, run = await start(room)
    with scripted(answers(patch(FAST + "# BROKEN\n"), patch(FAST), rounds=3)) as model:
        await run_until_idle()
    critiques = [each["data"] for each in of(await outputs(room, run), "critique")]
    assert [(each["fate"], each["decision"]) for each in critiques] == [("first", "again"), ("broken", "again"), ("kept", "met")]
    assert stages.done == [("test", 0), ("measure", 0), ("test", 1), ("test", 1), ("measure", 1)]
    told = next(each for each in model.asked if each.purpose == "critique" and "broke the tests" in each.messages[-1].content)
    assert "steps[2] expect bob" in told.messages[-1].content
    [report] = of(await outputs(room, run), "report")
    assert "taken back: it broke the tests" in report["content"]
    assert "BROKEN" not in report["content"]
    assert session


async def test_patch_that_makes_it_slower_is_taken_back(room: Room, sandbox: Path, stages: Stages) -> None:
    stages.speeds = {"gather": 40.0, "shuffle": 500.0}
    _, run = await start(room)
    with scripted(answers(patch(SLOW + "# shuffle\n"), patch(FAST), rounds=3)):
        await run_until_idle()
    assert [each["data"]["fate"] for each in of(await outputs(room, run), "critique")] == ["first", "slower", "kept"]


async def test_implementer_without_a_change_ends_the_run_and_says_so(room: Room, sandbox: Path, stages: Stages) -> None:
    _, run = await start(room)
    with scripted(answers('{"about": "No recipe fits this.", "files": []}', rounds=1)):
        await run_until_idle()
    final = await sync_to_async(room.run)(run)
    [report] = of(final["agent_outputs"], "report")
    assert (final["status"], report["data"]["decision"]) == ("completed", "nothing")
    assert "No recipe fits this." in report["content"]


async def test_answer_that_is_no_patch_is_sent_back_once(room: Room, sandbox: Path, stages: Stages) -> None:
    wrong = json.dumps({"about": "x", "files": [{"path": "bench.yaml", "content": "name: fast"}]})
    _, run = await start(room)
    with scripted(answers(wrong, patch(FAST), rounds=2)) as model:
        await run_until_idle()
    asked = [each for each in model.asked if each.purpose == "implement"]
    assert "bench.yaml may not be changed" in asked[1].messages[-1].content
    assert [each["data"]["fate"] for each in of(await outputs(room, run), "critique")] == ["first", "kept"]


async def test_escapes_that_no_database_takes_end_no_run(room: Room, sandbox: Path, stages: Stages) -> None:
    _, run = await start(room)
    odd = r'{"about": "a\u0000b\ud800c", "files": []}'
    with scripted(answers(odd, rounds=1) | {"test": [r'{"scenarios": [{"name": "\u0000", "yaml": "\ud800"}]}', NO_SCENARIOS]}):
        await run_until_idle()
    final = await sync_to_async(room.run)(run)
    assert (final["status"], final["attempt"]) == ("completed", 1)
    assert "a\ufffdb\ufffdc" in of(final["agent_outputs"], "report")[0]["content"]


async def test_two_answers_that_are_no_patch_count_as_a_round(room: Room, sandbox: Path, stages: Stages) -> None:
    _, run = await start(room)
    with scripted(answers("I would use gather.", patch("def (:"), patch(FAST), rounds=3)):
        await run_until_idle()
    critiques = [each["data"] for each in of(await outputs(room, run), "critique")]
    assert [each["fate"] for each in critiques] == ["first", "unfit", "kept"]
    assert "no Python any more" in critiques[1]["note"]


async def test_tests_that_fail_at_first_end_the_run(room: Room, shop: Path, stages: Stages) -> None:
    (shop / "board.py").write_text(SLOW + "# BROKEN\n")
    _, run = await start(room)
    with scripted(answers(rounds=1)):
        await run_until_idle()
    [report] = of(await outputs(room, run), "report")
    assert report["data"]["decision"] == "unfounded"
    assert stages.done == [("test", 0)]


async def test_rounds_are_those_of_the_request_before_those_of_the_spec(room: Room, sandbox: Path, stages: Stages) -> None:
    _, run = await start(room, "workspace: shop\nrounds: 1")
    with scripted(answers(rounds=1)):
        await run_until_idle()
    [report] = of(await outputs(room, run), "report")
    assert report["data"]["decision"] == "used_up"


async def test_testers_own_scenarios_are_played_unless_they_fail_at_first(room: Room, sandbox: Path, stages: Stages) -> None:
    good = "name: x\nclients: {a: {url: 'ws://board/'}}\nsteps: [{connect: a}]\n"
    written = {"scenarios": [{"name": "joins", "yaml": good}, {"name": "flies", "yaml": good.replace("x", "impossible", 1)}]}
    unread = {"scenarios": [{"name": "joins", "yaml": "name: x\nsteps: [{jump: a}]"}]}
    _, run = await start(room)
    said = {**answers(patch(FAST)), "test": [json.dumps(unread), json.dumps(written)]}
    with scripted(said) as model:
        await run_until_idle()
    asked = [each for each in model.asked if each.purpose == "test"]
    assert "joins:2:" in asked[1].messages[-1].content
    assert [sorted(order.extra) for order in stages.orders if order.stage == "test"] == [["flies", "joins"], ["joins"]]
    made = await outputs(room, run)
    assert "flies" in of(made, "subtask", "tester")[1]["content"]
    assert of(made, "report")[0]["data"]["decision"] == "met"


async def test_testers_scenario_takes_the_name_of_none_of_the_projects(room: Room, sandbox: Path, stages: Stages) -> None:
    text = "name: x\nclients: {a: {url: 'ws://board/'}}\nsteps: [{connect: a}]\n"
    (sandbox / "scenarios").mkdir()
    (sandbox / "scenarios/order.ws.yaml").write_text(text)
    first, second = ({"scenarios": [{"name": name, "yaml": text}]} for name in ("scenarios/order.ws.yaml", "joins"))
    await start(room)
    with scripted({**answers(patch(FAST)), "test": [json.dumps(first), json.dumps(second)]}) as model:
        await run_until_idle()
    asked = [each for each in model.asked if each.purpose == "test"]
    assert "scenarios/order.ws.yaml is a scenario of the project" in asked[1].messages[-1].content
    assert list(stages.orders[0].extra) == ["joins"]


PURPOSES = {"implement": "asyncio.gather", "test": "scenario", "measure": "p95", "critique": "change request"}


async def test_every_role_reads_the_budgets_of_the_spec(room: Room, sandbox: Path, stages: Stages) -> None:
    (sandbox / "bench.yaml").write_text(SPEC.replace("moves p95 < 100 ms", "moves to all < 73 ms"))
    await start(room)
    with scripted(answers(patch(FAST))) as model:
        await run_until_idle()
    for purpose, words in PURPOSES.items():
        system = next(each for each in model.asked if each.purpose == purpose).messages[0]
        assert system.role == "system"
        assert "moves to all < 73 ms" in system.content
        assert words in system.content


async def test_roles_read_the_usual_figures_where_the_spec_has_no_budgets(room: Room, sandbox: Path, stages: Stages) -> None:
    (sandbox / "bench.yaml").write_text(SPEC.replace('budgets: ["moves p95 < 100 ms"]\n', ""))
    await start(room)
    with scripted(answers(patch(FAST))) as model:
        await run_until_idle()
    implement = next(each for each in model.asked if each.purpose == "implement").messages[0].content
    assert "moves to all < 50 ms" in implement
    assert "less than 100 ms at p95" in implement
    assert "within 50 ms" in implement
    assert "asynchronous" in implement


def live_of(run: dict[str, Any]) -> dict[str, object]:
    return describe_live(Run.objects.get(id=run["id"]))


async def test_cancel_while_measuring_ends_the_run_at_once(room: Room, sandbox: Path, stages: Stages) -> None:
    stages.pause_s = 30
    session, run = await start(room)
    with scripted(answers(patch(FAST))):
        taken = await claim()
        driving = asyncio.create_task(drive(taken.run_id, taken.attempt))
        while not stages.orders:
            await asyncio.sleep(0.02)
        await eventually(lambda: live_of(run)["newest"] == "test 1 of 2.")
        live = await sync_to_async(live_of)(run)
        await sync_to_async(room.api.ok)("post", f"/api/runs/{run['id']}/cancel/")
        await driving
    assert (await sync_to_async(room.run)(run))["status"] == "cancelled"
    thoughts = [event["data"]["thought"] for event in await sync_to_async(room.events)(session) if event["type"] == "agent_thinking"]
    assert "test 1 of 2.\n" in thoughts
    assert (live["kind"], live["current"]) == ("optimise", ["Round 1 of 4: playing the scenarios"])


async def test_killed_attempt_goes_on_with_the_patches_that_stood(
    room: Room, sandbox: Path, stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, run = await start(room)
    better = FAST.replace("people))", "people))  # better")
    stages.speeds = {"better": 40.0, "gather": 150.0}
    with scripted(answers(patch(FAST), patch(better), rounds=3)):
        taken = await claim()
        driving = asyncio.create_task(drive(taken.run_id, taken.attempt))
        while stages.done[-1:] != [("measure", 1)]:
            await asyncio.sleep(0.01)
        stages.pause_s = 30
        while len(stages.orders) < 5:
            await asyncio.sleep(0.01)
        await lose(driving, monkeypatch, taken)
        stages.pause_s = 0
        await run_until_idle()
    final = await sync_to_async(room.run)(run)
    assert (final["status"], final["attempt"]) == ("completed", 2)
    assert stages.done == [("test", 0), ("measure", 0), ("test", 1), ("measure", 1), ("test", 2), ("measure", 2)]
    assert [each["data"]["fate"] for each in of(final["agent_outputs"], "critique")] == ["first", "kept", "kept"]
    check_contract(await sync_to_async(room.events)(session))


async def test_copies_of_runs_that_ended_otherwise_are_swept_away(room: Room, sandbox: Path, stages: Stages) -> None:
    _, ended = await start(room)
    (sandbox / "bench.yaml").write_text("name: [")
    await run_until_idle()
    assert (await sync_to_async(room.run)(ended))["error"]["code"] == "bench_failed"
    (sandbox / "bench.yaml").write_text(SPEC)
    _, waiting = await start(room)
    for name in (ended["id"], waiting["id"], "call-1", "call-2"):
        (copies() / name).mkdir(exist_ok=True)
    (copies() / "measuring.lock").touch()
    os.utime(copies() / "call-1", (0, 0))
    await sync_to_async(remove_leftovers)()
    assert names(copies()) == sorted([waiting["id"], "call-2", "measuring.lock"])


@pytest.mark.timeout(180)
async def test_run_comes_to_its_end_wherever_its_attempt_was_lost(
    room: Room, sandbox: Path, stages: Stages, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = Lost(monkeypatch)
    # Every fourth of the writes, before it and after it in turn: each takes a whole run.
    while lost.count >= lost.at:
        lost.at, lost.count, lost.is_after = lost.at + 4, 0, not lost.is_after
        said = answers(patch(FAST))
        with scripted({purpose: [*scripts, scripts[-1]] for purpose, scripts in said.items()}):
            session, run = await start(room)
            taken = await claim()
            await drive(taken.run_id, taken.attempt)
            at, lost.at = lost.at, 10**6
            if lost.count >= at:
                await sync_to_async(expire_lease)(taken)
            await run_until_idle()
            lost.at = at
        made = await outputs(room, run)
        assert [each["data"]["fate"] for each in of(made, "critique")] == ["first", "kept"], f"lost at write {at}"
        assert len({(each["kind"], each["title"]) for each in made}) == len(made)
        check_contract(await sync_to_async(room.events)(session))
    assert lost.at > 16
