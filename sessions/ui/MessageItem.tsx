/** One message of the stream, with what became of it. */
import { Avatar } from "../../project/ui/avatar";
import { classes } from "../../project/ui/text";
import { Time } from "../../project/ui/time";
import type { User } from "../../project/ui/wire";
import { activeRun } from "./blocks";
import { fateOf } from "./composing";
import { useCanTalk, useRoom, useRoomState } from "./context";
import { StopButton, WithdrawButton } from "./RunControls";
import { capital } from "./run_words";
import { StreamText } from "./StreamText";
import type { Message } from "./types";

function authorOf(message: Message): User {
  return message.author ?? { id: "", username: message.agent ?? (message.role === "system" ? "Workroom" : "agent"), kind: "agent" };
}

export function MessageItem({ id }: { id: string }) {
  const { model } = useRoom();
  const message = useRoomState((state) => state.messages[id]);
  if (!message) return null;
  const author = authorOf(message);
  const mine = author.id === model.me.id;
  return (
    <article class={classes("message", message.role, mine && "mine")} data-block={`message:${id}`} tabIndex={-1} aria-label={`Message of ${author.username}`}>
      <Avatar user={author} decorative />
      <div class="message-main">
        <header class="row message-head">
          <strong>{mine ? "You" : author.kind === "agent" ? capital(author.username) : author.username}</strong>
          <Time at={message.created} class="meta" />
        </header>
        <StreamText message={message} />
        {message.interrupted && <p class="meta">Broken off here.</p>}
        <Fate message={message} />
      </div>
    </article>
  );
}

function Fate({ message }: { message: Message }) {
  const words = useRoomState((state) => fateOf(message, state.runs, state.messages));
  const run = useRoomState((state) => (message.run ? state.runs[message.run] : undefined));
  const active = useRoomState((state) => activeRun(state.runs));
  const canTalk = useCanTalk();
  if (!words) return null;
  const isNext = run?.status === "queued" && (run.position ?? 1) <= 1;
  return (
    <p class="meta row wrap fate">
      <span class="num">{words}</span>
      {canTalk && isNext && active && (
        <>
          <span>
            To do it now, stop Run {active.number}:
          </span>
          <StopButton run={active} small />
        </>
      )}
      {run?.status === "queued" && <WithdrawButton run={run} small />}
    </p>
  );
}

/** The clarifier's words: about the run, or what it read on the board beside it. */
export function Aside({ id }: { id: string }) {
  const message = useRoomState((state) => state.messages[id]);
  if (!message) return null;
  return (
    <aside class="clarifier" data-block={`message:${id}`} tabIndex={-1} aria-label="Alongside the run">
      <p class="meta row">
        <span>Alongside the run</span> <Time at={message.created} />
      </p>
      <StreamText message={message} />
    </aside>
  );
}
