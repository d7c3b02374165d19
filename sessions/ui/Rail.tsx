/** Beside the stream: plan, attempts, usage, model, people, tools, other rooms. On narrow windows the same behind a strip. */
import { useState } from "preact/hooks";
import { Avatar } from "../../project/ui/avatar";
import { Icon } from "../../project/ui/icons";
import { useValue } from "../../project/ui/observable";
import { classes } from "../../project/ui/text";
import { Time } from "../../project/ui/time";
import type { PresentUser, User } from "../../project/ui/wire";
import { activeRun, newestRun, runsOf } from "./blocks";
import { RunningClock } from "./Clock";
import { useDerived, useRoom, useRoomState } from "./context";
import { OtherRooms } from "./OtherRooms";
import { Plan } from "./Plan";
import { StopButton } from "./RunControls";
import { useWork } from "./run_hooks";
import { tallyOf } from "./run_view";
import { attemptWords, modelWords, runTitle, statusOf, stepWords } from "./run_words";
import type { Run } from "./types";
import { SessionUsage, UsageOf } from "./Usage";

/** The run the rail is about: the active one, else the newest. */
function useShownRun(): Run | null {
  return useRoomState((state) => activeRun(state.runs) ?? newestRun(state.runs));
}

export function Rail() {
  return (
    <aside class="rail" aria-label="About this room">
      <RailBody />
    </aside>
  );
}

function RailBody() {
  const run = useShownRun();
  return (
    <>
      {run && <OfRun run={run} />}
      <People />
      <Tools />
      <OtherRooms />
    </>
  );
}

function OfRun({ run }: { run: Run }) {
  const work = useWork(run);
  const many = useRoomState((state) => Object.keys(state.runs).length > 1);
  return (
    <>
      <section>
        <h2 class="rail-title">{runTitle(run)}</h2>
        {work.plan.length > 0 ? <Plan plan={work.plan} small /> : <p class="meta">{statusOf(run).text}</p>}
      </section>
      <section>
        <h2 class="rail-title">Usage</h2>
        <UsageOf run={run} />
        {many && <SessionUsage />}
      </section>
      <section>
        <h2 class="rail-title">Model</h2>
        <p class="meta">{modelWords(run.model)}</p>
      </section>
      {run.attempts.length > 1 && <Attempts run={run} />}
    </>
  );
}

function Attempts({ run }: { run: Run }) {
  return (
    <section>
      <h2 class="rail-title">Attempts</h2>
      <ol class="plain attempts">
        {run.attempts.map((attempt) => (
          <li key={attempt.number} class="meta">
            <span class="num">{attempt.number}</span> · <Time at={attempt.started} /> · {attemptWords(attempt)}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** One entry per person whatever the tabs; agents of the room apart. */
function People() {
  const { model } = useRoom();
  const { users, total } = useValue(model.here.shown);
  const agents = useDerived(
    (state) => [state.runs],
    (runs) => [...new Set(runsOf(runs).map((run) => run.agent))],
  );
  return (
    <section>
      <h2 class="rail-title">People</h2>
      <ul class="plain people">
        {users.map((user) => (
          <Person key={user.id} user={user} me={model.me} />
        ))}
      </ul>
      {total > users.length && <p class="meta">and {total - users.length} more</p>}
      {agents.length > 0 && (
        <ul class="plain people" aria-label="Agents">
          {agents.map((name) => (
            <li key={name} class="row">
              <Avatar user={{ id: "", username: name, kind: "agent" }} small decorative />
              <span class="clip">{name}</span>
              <span class="meta">agent</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Person({ user, me }: { user: PresentUser; me: User }) {
  return (
    <li class="row">
      <Avatar user={user} small decorative />
      <span class="clip">{user.username}</span>
      {user.id === me.id && <span class="meta">you</span>}
    </li>
  );
}

/** Tools that a connected client offers to this session. */
function Tools() {
  const tools = useRoomState((state) => state.session.tools);
  if (tools.length === 0) return null;
  return (
    <section>
      <h2 class="rail-title">Tools of the client</h2>
      <ul class="plain">
        {tools.map((tool) => (
          <li key={tool.name} class="meta" title={tool.description}>
            <span class="mono">{tool.name}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** "Step 2 of 4 · 0:31 · Stop", opening to the whole rail. */
export function Strip() {
  const run = useShownRun();
  const [open, setOpen] = useState(false);
  return (
    <div class="strip">
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <Icon name="down" class="fold-mark" />
          {run ? <Summary run={run} /> : <span class="muted">About this room</span>}
        </summary>
        {open && (
          <div class="strip-sheet">
            <RailBody />
          </div>
        )}
      </details>
      {run && ["running", "waiting", "cancelling"].includes(run.status) && <StopButton run={run} />}
    </div>
  );
}

function Summary({ run }: { run: Run }) {
  const work = useWork(run);
  const tally = tallyOf(run, work.plan);
  const status = statusOf(run);
  const active = run.status === "running" || run.status === "waiting" || run.status === "cancelling";
  const step = run.status === "running" ? (stepWords(tally) ?? status.text) : status.text;
  return (
    <span class={classes("row strip-words", status.tone)}>
      <Icon name={status.icon} />
      <span class="clip">
        {!active && `Run ${run.number} · `}
        {step}
      </span>
      {active && run.started && <RunningClock since={Date.parse(run.started)} />}
    </span>
  );
}
