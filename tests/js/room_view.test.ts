import { describe, expect, test } from "vitest";
import { activeRun, blocksOf, keepSame, newestRun, queuedRuns } from "../../sessions/ui/blocks";
import { bracketsOf } from "../../sessions/ui/Plan";
import { isStopped, planOf, reportsOf, saidOf, stepsOf, subtasksOf, tallyOf, wavesOf } from "../../sessions/ui/run_view";
import { apply, fromSnapshot, type RoomState } from "../../sessions/ui/store";
import type { Message, Run, SnapshotState, Subtask } from "../../sessions/ui/types";
import { call, event, message, output, run, snapshot, STEP } from "./room_events";

const at = (second: number) => `2026-11-21T12:00:${String(second).padStart(2, "0")}Z`;
const room = (more: Partial<SnapshotState>) => fromSnapshot(snapshot(more));

const PLAN: Subtask[] = [
  { id: "s1", title: "Count cards", role: "executor", needs: [], status: "pending" },
  { id: "s2", title: "Find overdue", role: "executor", needs: [], status: "pending" },
  { id: "s3", title: "Compare", role: "executor", needs: ["s1", "s2"], status: "pending" },
];

function work(state: RoomState, of: Run) {
  const subtasks = subtasksOf(state.outputs, state.notes, of.id);
  const steps = stepsOf(of, subtasks, state);
  return { steps, plan: planOf(of, subtasks, steps) };
}

describe("the stream", () => {
  test("a run follows its message, a reply of the clarifier stands after both", () => {
    const state = room({
      runs: [run("r1", { created: at(1) })],
      messages: [
        message("m1", { run: "r1", created: at(1) }),
        message("m2", { role: "assistant", via: "agent", run: "r1", created: at(2) }),
        message("m3", { handled_by: "clarifier", created: at(3) }),
        message("m4", { role: "assistant", via: "clarifier", created: at(3) }),
      ],
    });
    expect(blocksOf(state.messages, state.runs).map(({ kind, id }) => `${kind} ${id}`)).toEqual(["message m1", "run r1", "message m3", "aside m4"]);
  });

  const asked = [
    message("m1", { run: "r1", created: at(1) }),
    message("m2", { handled_by: "clarifier", created: at(3) }),
    message("m3", { role: "assistant", via: "clarifier", created: at(4) }),
  ];
  const reported = message("m4", { role: "assistant", via: "agent", run: "r1", created: at(5) });
  const late = message("m5", { role: "assistant", via: "clarifier", created: at(6) });
  const shown = (messages: Message[], runs = [run("r1", { created: at(1) })]) => {
    const state = room({ runs, messages });
    const said = (of: string) => saidOf(state.runs[of]!, state.messages, state.runs, state.outputs).map(({ report, aside }) => report?.message?.id ?? aside!.id);
    return blocksOf(state.messages, state.runs).flatMap(({ kind, id }) => (kind === "run" ? [id, ...said(id)] : [id]));
  };

  test("a question about a run and its answer stand before the report that came after them", () => {
    expect(shown(asked)).toEqual(["m1", "r1", "m2", "m3"]);
    expect(shown([...asked, reported, late])).toEqual(["m1", "r1", "m2", "m3", "m4", "m5"]);
  });

  test("they stand between the words of a run that speaks more than once", () => {
    const first = message("m0", { role: "assistant", via: "agent", run: "r1", created: at(2) });
    expect(shown([...asked, first, reported])).toEqual(["m1", "r1", "m0", "m2", "m3", "m4"]);
  });

  test("with a run in line they stand with the one that was under way, else with the next that reports", () => {
    const queued = [message("q", { handled_by: "queue", run: "r2", created: at(2) }), message("m6", { role: "assistant", via: "agent", run: "r2", created: at(8) })];
    const runs = [run("r1", { created: at(1) }), run("r2", { number: 2, created: at(2) })];
    expect(shown([...asked, reported, ...queued], runs)).toEqual(["m1", "r1", "m2", "m3", "m4", "q", "r2", "m6"]);
    expect(shown([...asked, ...queued], runs)).toEqual(["m1", "r1", "q", "r2", "m2", "m3", "m6"]);
  });

  test("an answer of a run that isn't loaded stands by itself", () => {
    const state = room({ messages: [message("m1", { role: "assistant", via: "agent", run: "r0" })] });
    expect(blocksOf(state.messages, state.runs)).toMatchObject([{ kind: "message", id: "m1" }]);
  });

  test("keeps its identity while the blocks are the same", () => {
    const state = room({ messages: [message("m1")] });
    const [first, second] = [blocksOf(state.messages, state.runs), blocksOf(state.messages, state.runs)];
    expect(keepSame(first, second)).toBe(first);
    expect(keepSame(first, [])).toEqual([]);
  });
});

describe("which run", () => {
  const { runs } = room({
    runs: [
      run("r1", { number: 1, status: "completed" }),
      run("r2", { number: 2, status: "waiting" }),
      run("r4", { number: 4, status: "queued", position: 1 }),
      run("r3", { number: 3, status: "queued", position: 2 }),
    ],
  });

  test("works now", () => expect(activeRun(runs)?.id).toBe("r2"));
  test("is the newest that began", () => expect(newestRun(runs)?.id).toBe("r2"));
  test("is next in line", () => expect(queuedRuns(runs).map(({ id }) => id)).toEqual(["r4", "r3"]));
});

describe("a plan", () => {
  const planned = apply(room({ runs: [run("r1")] }), event("plan_made", { ...STEP, output: "o1", subtasks: PLAN }));

  test("waits until its steps begin", () => {
    expect(work(planned, planned.runs["r1"]!).plan.map((step) => step.state)).toEqual(["waiting", "waiting", "waiting"]);
  });

  test("follows its steps", () => {
    const state = [
      event("agent_started", { ...STEP, step: "t1", subtask: "s1", role: "executor", message: "" }, 1),
      event("agent_started", { ...STEP, step: "t2", subtask: "s2", role: "executor", message: "" }, 1),
      event("agent_completed", { ...STEP, step: "t1", subtask: "s1", result: "", success: true }, 2),
      event("agent_completed", { ...STEP, step: "t2", subtask: "s2", result: "", success: false }, 2),
    ].reduce(apply, planned);
    const { plan } = work(state, state.runs["r1"]!);
    expect(plan.map((step) => step.state)).toEqual(["done", "failed", "waiting"]);
    expect(tallyOf(state.runs["r1"]!, plan)).toEqual({ done: 1, total: 3 });
  });

  test("leaves steps out that a stopped run never began, and stops those under way", () => {
    const state = [
      event("agent_started", { ...STEP, step: "t1", subtask: "s1", role: "executor", message: "" }, 1),
      event("run_cancelled", { run: run("r1", { status: "cancelled" }) }, 2),
    ].reduce(apply, planned);
    expect(work(state, state.runs["r1"]!).plan.map((step) => step.state)).toEqual(["stopped", "skipped", "skipped"]);
  });

  test("can be read from its output by those who come late, with steps that have results done", () => {
    const plan = output("o1", { kind: "plan", step: "t0", data: { subtasks: PLAN as never } });
    const result = output("o2", { step: "t1", data: { subtask: "s1" } });
    const state = room({ runs: [run("r1")], outputs: [plan, result] });
    expect(work(state, state.runs["r1"]!).plan.map((step) => step.state)).toEqual(["done", "waiting", "waiting"]);
  });

  test("puts what may go side by side into one bracket", () => {
    expect(wavesOf(PLAN)).toEqual({ s1: 0, s2: 0, s3: 1 });
    expect(bracketsOf(work(planned, planned.runs["r1"]!).plan).map((group) => group.length)).toEqual([2, 1]);
  });
});

describe("steps", () => {
  test("that ended because people stopped the run have not failed", () => {
    const error = { code: "cancelled", message: "The run was stopped." };
    const state = [
      event("agent_started", { ...STEP, role: "executor", message: "" }, 1),
      event("agent_completed", { ...STEP, result: "", success: false, error }, 2),
      event("run_cancelled", { run: run("r1", { status: "cancelled" }) }, 2),
    ].reduce(apply, room({ runs: [run("r1")] }));
    expect(work(state, state.runs["r1"]!).steps[0]).toMatchObject({ state: "stopped", error: null });
    expect(isStopped(call("k1", { status: "failed", error }))).toBe(true);
    expect(isStopped(call("k1", { status: "failed", error: { code: "wip_limit", message: "" } }))).toBe(false);
  });

  test("gather their calls, thoughts and result, named after their subtask", () => {
    const state = [
      event("plan_made", { ...STEP, step: "t0", subtask: null, output: "o1", subtasks: PLAN }),
      event("agent_started", { ...STEP, role: "executor", message: "Counting" }, 1),
      event("agent_thinking", { ...STEP, thought: "One. " }, 2),
      event("tool_executing", { ...STEP, call: "k1", tool_name: "search_cards", title: "Search cards", class: "read", parameters: {} }, 3),
    ].reduce(apply, room({ runs: [run("r1")] }));
    const [step] = work(state, state.runs["r1"]!).steps;
    expect(step).toMatchObject({ id: "t1", title: "Count cards", state: "working", thoughts: ["One. "] });
    expect(step?.calls.map((each) => each.call)).toEqual(["k1"]);
  });

  test("are in the order in which they began", () => {
    const state = room({ runs: [run("r1")], tool_calls: [call("k2", { step: "t2", started: at(5) }), call("k1", { step: "t1", started: at(3) })] });
    expect(work(state, state.runs["r1"]!).steps.map((step) => step.id)).toEqual(["t1", "t2"]);
  });

  test("of another run don't show", () => {
    const state = room({ runs: [run("r1")], tool_calls: [call("k1", { run: "r2" })] });
    expect(work(state, state.runs["r1"]!).steps).toEqual([]);
  });
});

describe("reports", () => {
  const streamed = message("m2", { role: "assistant", via: "agent", run: "r1", created: at(2) });

  test("are their messages, with the output that names them", () => {
    const state = room({ runs: [run("r1")], messages: [streamed], outputs: [output("o2", { kind: "report", message: "m2" })] });
    expect(reportsOf(state.runs["r1"]!, state.messages, state.runs, state.outputs)).toMatchObject([{ message: { id: "m2" }, output: { id: "o2" } }]);
  });

  test("may come without a message; subtask results are none", () => {
    const state = room({ runs: [run("r1")], outputs: [output("o2", { kind: "report" }), output("o3", { kind: "subtask" })] });
    expect(reportsOf(state.runs["r1"]!, state.messages, state.runs, state.outputs)).toMatchObject([{ message: null, output: { id: "o2" } }]);
  });
});
