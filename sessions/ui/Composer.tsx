/** The box at the foot of the room: a draft that survives, one Send, and more ways to send while a run is active. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { loadDraft, saveDraft } from "../../project/ui/drafts";
import { Icon } from "../../project/ui/icons";
import { Menu, type MenuItem } from "../../project/ui/Menu";
import { useValue } from "../../project/ui/observable";
import { activeRun, queuedRuns } from "./blocks";
import { countWords, type Effort, EFFORTS, isTooLong, keyMeaning, placeholder } from "./composing";
import { useRoom, useRoomState } from "./context";
import type { Way } from "./types";

const STATUS_QUESTION = "What is the current status?";
const QUEUE_PLACES = 5;

function isCoarse(): boolean {
  return matchMedia("(pointer: coarse)").matches;
}

/** The box's text with its draft, and a refused message put back into an empty box. */
function useText() {
  const { model } = useRoom();
  const [text, setText] = useState(() => loadDraft(model.id, "message") ?? "");
  const refused = useValue(model.refused);
  const change = (value: string) => {
    setText(value);
    saveDraft(model.id, "message", value);
  };
  useEffect(() => {
    if (!refused || text.trim() !== "") return;
    const back = model.pending.get().find((message) => message.refusal !== null && message.content === refused.content);
    if (back) model.dropPending(back.ref);
    change(refused.content);
  }, [refused]);
  // A refused message that couldn't go back into the box tells its reason where it stands.
  const stands = useValue(model.pending).some((message) => message.refusal !== null && message.content === refused?.content);
  return { text, change, reason: stands ? null : (refused?.reason ?? null) };
}

export function Composer() {
  const { model, ui, agents } = useRoom();
  const box = useRef<HTMLTextAreaElement>(null);
  const { text, change, reason } = useText();
  const session = useRoomState((state) => state.session);
  const active = useRoomState((state) => activeRun(state.runs));
  ui.compose = (given) => {
    if (given !== undefined) change(given);
    box.current?.focus();
  };
  useGrowth(box, text || placeholder(session, active));
  const send = (way: Way | null, words = text) => {
    if (words.trim() === "" || isTooLong(words)) return;
    if (words === text) change("");
    void model.say(words, way);
    requestAnimationFrame(() => requestAnimationFrame(ui.follow.toEnd));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const meaning = keyMeaning(event, isCoarse());
    if (meaning === null) return;
    event.preventDefault();
    event.stopPropagation();
    if (meaning === "send") send(null);
    else box.current?.closest<HTMLElement>("[data-room]")?.focus();
  };
  const count = countWords(text);
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send(null);
      }}
    >
      {reason && (
        <p class="field-error" role="alert">
          <Icon name="error" /> Not sent. {reason}
        </p>
      )}
      <div class="composer-row">
        <textarea
          ref={box}
          class="input composer-box"
          rows={1}
          aria-label="Message"
          placeholder={placeholder(session, active)}
          value={text}
          enterkeyhint={isCoarse() ? "enter" : "send"}
          onInput={(event) => {
            change(event.currentTarget.value);
            model.refused.set(null);
            model.typing.typed();
          }}
          onKeyDown={onKeyDown}
        />
        <div class="send">
          <button type="submit" class="button primary" disabled={text.trim() === "" || isTooLong(text)}>
            Send
          </button>
          {active ? <Ways text={text} send={send} /> : session.phase === "refinement_ready" && <AfterReport text={text} send={send} />}
        </div>
      </div>
      {agents.some((agent) => agent.model && agent.model.adapter !== "rules") && <EffortField />}
      {count && <p class={isTooLong(text) ? "field-error" : "meta num"}>{count}</p>}
    </form>
  );
}

/** Only a language model can think more or less. */
function EffortField() {
  const { model } = useRoom();
  const effort = useValue(model.effort);
  return (
    <label class="row meta composer-effort">
      Effort
      <select class="input" value={effort ?? ""} onChange={(event) => model.effort.set((event.currentTarget.value || null) as Effort)}>
        {EFFORTS.map(([value, words]) => (
          <option key={words} value={value ?? ""}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

interface WaysProps {
  text: string;
  send(way: Way | null, words?: string): void;
}

function Ways({ text, send }: WaysProps) {
  const queued = useRoomState((state) => queuedRuns(state.runs).length);
  const empty = text.trim() === "" ? "Write a message first" : undefined;
  const full = queued >= QUEUE_PLACES ? "Five messages are waiting already. Withdraw one or wait." : undefined;
  const items: MenuItem[] = [
    { label: "Ask about progress", icon: "comment", onSelect: () => send("ask", empty ? STATUS_QUESTION : text) },
    { label: `Queue for afterwards (${queued} of ${QUEUE_PLACES})`, icon: "clock", disabled: empty ?? full, onSelect: () => send("queue") },
    { label: "Stop the run and do this", icon: "stop", disabled: empty, onSelect: () => send("interrupt") },
  ];
  return (
    <Menu label="More ways to send" groups={[{ items }]} class="button send-more">
      <Icon name="down" />
    </Menu>
  );
}

/** After a report a message refines it, unless it is meant as something new. */
function AfterReport({ text, send }: WaysProps) {
  const empty = text.trim() === "" ? "Write a message first" : undefined;
  const items: MenuItem[] = [
    { label: "Refine the report", icon: "retry", disabled: empty, onSelect: () => send(null) },
    { label: "Start a new run", icon: "add", disabled: empty, onSelect: () => send("fresh") },
  ];
  return (
    <Menu label="More ways to send" groups={[{ items }]} class="button send-more">
      <Icon name="down" />
    </Menu>
  );
}

/** Let the box grow with its text and its width; the style sheet sets the limit. */
function useGrowth(ref: { current: HTMLTextAreaElement | null }, text: string) {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!ref.current) return;
    const sizes = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0));
    sizes.observe(ref.current);
    return () => sizes.disconnect();
  }, []);
  useLayoutEffect(() => {
    const box = ref.current;
    if (!box) return;
    box.style.setProperty("--grown", "0px");
    box.style.setProperty("--grown", `${box.scrollHeight}px`);
  }, [text, width]);
}
