/** The console for integrators: one socket of a work session, every frame that goes over it, and a box to send from. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { useValue } from "../../../project/ui/observable";
import type { BasePageData } from "../../../project/ui/page";
import { Shell } from "../../../project/ui/Shell";
import { classes } from "../../../project/ui/text";
import type { User } from "../../../project/ui/wire";
import { addressOf, checkOf } from "./address";
import { Line, type Status } from "./line";
import { LogView } from "./LogView";
import { SendBox } from "./SendBox";
import "./console.css";

export interface ConsolePageData extends BasePageData {
  user: User;
  sessions: { id: string; title: string }[];
}

const WORDS: Record<Status["kind"], string> = { idle: "Not connected", connecting: "Connecting…", connected: "Connected", closed: "Closed" };

export function ConsolePage({ page }: { page: ConsolePageData }) {
  const line = useMemo(() => new Line(), []);
  useEffect(() => () => line.disconnect(), []);
  const [isNew, setIsNew] = useState(true);
  return (
    <Shell user={page.user} crumbs={[{ label: "Boards", href: "/" }, { label: "Console" }]}>
      <div class="console">
        <div class="console-head">
          <h1 class="page-title">Console</h1>
          <p class="muted">
            Every frame of a work session’s socket, as <a href="/api/docs/">programs</a> see it. Events are acknowledged for you; everything else is sent by hand.
          </p>
        </div>
        <div class="console-side">
          <Connect line={line} sessions={page.sessions} onTarget={setIsNew} />
          <SendBox line={line} isNew={isNew} />
        </div>
        <LogView line={line} />
      </div>
    </Shell>
  );
}

interface ConnectProps {
  line: Line;
  sessions: ConsolePageData["sessions"];
  onTarget(isNew: boolean): void;
}

function Connect({ line, sessions, onTarget }: ConnectProps) {
  const status = useValue(line.status);
  const [session, setSession] = useState(() => new URLSearchParams(location.search).get("session") ?? "new");
  const [after, setAfter] = useState("0");
  const named = session.trim().toLowerCase();
  const address = addressOf(location.origin, named, after);
  const isOpen = status.kind === "connected" || status.kind === "connecting";
  useEffect(() => onTarget(named === "new"), [named]);
  const submit = (event: Event) => {
    event.preventDefault();
    if (isOpen) line.disconnect();
    else if (address) line.connect(address);
  };
  return (
    <form class="console-connect" onSubmit={submit} aria-label="Connection">
      <div class="field">
        <label for="session">Session</label>
        <input
          id="session"
          class="input mono"
          list="sessions"
          value={session}
          onInput={(event) => setSession(event.currentTarget.value)}
          disabled={isOpen}
          autocomplete="off"
          spellcheck={false}
          aria-invalid={address === null}
          aria-describedby="session-help"
        />
        <datalist id="sessions">
          <option value="new">Open a new session</option>
          {sessions.map(({ id, title }) => (
            <option key={id} value={id}>
              {title || "No title"}
            </option>
          ))}
        </datalist>
        <p id="session-help" class={address === null ? "field-error" : "meta"}>
          {address === null ? "An id in lower case, or new." : "An id, or new: then start_session is the first frame."}
        </p>
      </div>
      <div class="field console-after">
        <label for="after">After event</label>
        <input
          id="after"
          class="input num"
          inputMode="numeric"
          pattern="[0-9]*"
          value={after}
          onInput={(event) => setAfter(event.currentTarget.value.replace(/\D/g, ""))}
          disabled={isOpen || named === "new"}
          aria-describedby="after-help"
        />
        <p id="after-help" class="meta">
          0: from the start; empty: from now on.
        </p>
      </div>
      <div class="field console-address">
        <label for="address">Address (this server)</label>
        <input id="address" class="input mono" value={address ?? ""} readOnly />
      </div>
      <div class="row wrap console-state">
        <button type="submit" class={isOpen ? "button" : "button primary"} disabled={!isOpen && address === null}>
          {isOpen ? "Disconnect" : "Connect"}
        </button>
        <StatusWords status={status} />
      </div>
      <p class="meta">
        Whether the log keeps its contract: <a href={checkOf(named)}>Check events</a>
      </p>
    </form>
  );
}

function StatusWords({ status }: { status: Status }) {
  return (
    <span role="status" class={classes("console-status", status.kind)}>
      <span class="console-dot" aria-hidden="true" />
      {status.kind === "closed" ? `Closed (${status.code}). ${status.sentence}` : WORDS[status.kind]}
    </span>
  );
}
