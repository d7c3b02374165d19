/** How the page stands with the server, in the same words everywhere: badge, banner, and the two full stops. */
import { useEffect, useState } from "preact/hooks";
import { SignInAgain } from "./SignInAgain";
import { announce } from "./announcer";
import { ConnectionSpeech } from "./connection_speech";
import type { ConnectionState } from "./connection_state";
import { Icon } from "./icons";
import { type Readable, useValue } from "./observable";
import { classes, plural, seconds } from "./text";
import { useTicks } from "./time";

/** What keeps a page up to date: a stream's socket, or a poller. */
export interface Link {
  readonly state: Readable<ConnectionState>;
  /** Changes without an answer. */
  readonly held: Readable<number>;
  /** Whether what is done offline is kept, and sent later. */
  readonly keeps: boolean;
  retryNow(): void;
  reconnect(): void;
}

const SETTLE_MS = 500;
const BANNER_MS = 5000;

/** `state` once its kind has lasted half a second, so that short hiccups don't flicker. */
function useSettled(state: ConnectionState): ConnectionState | null {
  const [shown, setShown] = useState<ConnectionState["kind"] | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setShown(state.kind), state.kind === "live" ? 0 : SETTLE_MS);
    return () => clearTimeout(timer);
  }, [state.kind]);
  if (shown === null) return null;
  return shown === state.kind ? state : ({ kind: shown } as ConnectionState);
}

function words(state: ConnectionState, held: number): string {
  const waiting = held ? ` · ${plural(held, "change")} waiting` : "";
  const table: Record<ConnectionState["kind"], string> = {
    live: "Live",
    connecting: "Connecting…",
    catching_up: "Catching up",
    offline: `Offline${waiting}`,
    signed_out: `Signed out${waiting}`,
    no_access: "No access",
    too_large: "Disconnected",
    too_many: "Paused in this tab",
    outdated: "Outdated page",
  };
  const behind = state.kind === "catching_up" && state.behind > 0 ? ` · ${plural(state.behind, "change")}` : "";
  return table[state.kind] + behind;
}

export function ConnectionBadge({ link }: { link: Link }) {
  const now = useValue(link.state);
  const state = useSettled(now);
  const held = useValue(link.held);
  const [speech] = useState(() => new ConnectionSpeech());
  useEffect(() => {
    const sentence = speech.next(now, { isSettled: state?.kind === now.kind, keeps: link.keeps });
    if (sentence) announce(sentence);
  }, [now, state?.kind]);
  const text = state ? words(state, held) : "";
  return (
    <span class={classes("connection", state?.kind)} role="status" aria-live="off" title={text}>
      {state && <span class="connection-dot" aria-hidden="true" />}
      <span class="connection-words">{text}</span>
    </span>
  );
}

/** Under the header: offline for longer than 5 s, or an ending that needs one click. */
export function ConnectionBanner({ link }: { link: Link }) {
  const state = useValue(link.state);
  const held = useValue(link.held);
  if (state.kind === "offline") return <OfflineBanner state={state} held={held} link={link} />;
  if (state.kind === "signed_out") return <SignInAgain held={held} />;
  if (state.kind === "too_many") {
    return <Banner text="This page is open in too many tabs." label="Use this tab" onClick={() => link.reconnect()} />;
  }
  if (state.kind === "too_large") {
    return <Banner text="Something sent from this page was too large." label="Connect again" onClick={() => link.reconnect()} />;
  }
  if (state.kind === "outdated") {
    return <Banner text="This page is older than the server." label="Reload" onClick={() => location.reload()} />;
  }
  return null;
}

function Banner({ text, label, onClick }: { text: string; label: string; onClick(): void }) {
  return (
    <div class="banner" role="status">
      <Icon name="info" />
      <span>{text}</span>
      <button type="button" class="button link" onClick={onClick}>
        {label}
      </button>
    </div>
  );
}

interface OfflineProps {
  state: Extract<ConnectionState, { kind: "offline" }>;
  held: number;
  link: Link;
}

function OfflineBanner({ state, held, link }: OfflineProps) {
  useTicks(1);
  if (Date.now() - state.since < BANNER_MS) return null;
  const wait = state.retryAt === null ? 0 : seconds(state.retryAt - Date.now());
  const kept = held ? ` ${plural(held, "change")} will be sent when it is back.` : "";
  return (
    <div class="banner tone-warn">
      <Icon name="info" />
      <span>
        No connection to the server.{kept} <span class="num">{wait > 0 ? `Next try in ${wait} s.` : "Trying…"}</span>
      </span>
      <button type="button" class="button link" onClick={() => link.retryNow()}>
        Try now
      </button>
    </div>
  );
}

/** The whole page when the object is gone or closed to this user; unsent text is offered for copying. */
export function NoAccess({ noun, unsent }: { noun: string; unsent?: string[] }) {
  return (
    <section class="full-stop">
      <h1>This {noun} isn't open to you</h1>
      <p>It was deleted, or an owner removed you from it.</p>
      {unsent && unsent.length > 0 && (
        <div class="stack">
          <p>This was not sent. Copy what you want to keep:</p>
          {unsent.map((text) => (
            <textarea key={text} class="input" readOnly value={text} aria-label="Unsent text" />
          ))}
        </div>
      )}
      <a class="button primary" href="/">
        Back to boards
      </a>
    </section>
  );
}
