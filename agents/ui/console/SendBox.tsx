/** The text of a frame to send, from a template or by hand, checked while it is written. */
import { useEffect, useState } from "preact/hooks";
import { newRef } from "../../../project/ui/api";
import { announce } from "../../../project/ui/announcer";
import { useValue } from "../../../project/ui/observable";
import type { Line } from "./line";
import { problemOf, START, TEMPLATES, textOf } from "./templates";

const MESSAGE = TEMPLATES[1]!;

export function SendBox({ line, isNew }: { line: Line; isNew: boolean }) {
  const status = useValue(line.status);
  const known = useValue(line.known);
  const [chosen, setChosen] = useState(START.type);
  const [text, setText] = useState(() => textOf(START, known, newRef()));
  const problem = problemOf(text);
  const isConnected = status.kind === "connected";

  const choose = (type: string) => {
    const template = TEMPLATES.find((each) => each.type === type);
    if (!template) return;
    setChosen(type);
    setText(textOf(template, line.known.get(), newRef()));
  };
  // What comes first: a session to talk in, then something to say there.
  useEffect(() => choose(isNew ? START.type : MESSAGE.type), [isNew]);
  useEffect(() => {
    if (known.session && chosen === START.type) choose(MESSAGE.type);
  }, [known.session]);

  const send = (event: Event) => {
    event.preventDefault();
    if (problem || !line.send(JSON.stringify(JSON.parse(text)))) return;
    announce("Sent");
    const template = TEMPLATES.find((each) => each.type === chosen);
    // A new ref: the next one is meant to be another.
    if (template?.isCommand) setText((now) => withRef(now, newRef()));
  };
  return (
    <form class="console-send" onSubmit={send} aria-label="Send">
      <div class="field">
        <label for="template">Template</label>
        <select id="template" class="input" value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
          {TEMPLATES.map(({ type, isCommand }) => (
            <option key={type} value={type}>
              {isCommand ? type : `${type} (control)`}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for="frame">Frame</label>
        <textarea
          id="frame"
          class="input mono console-frame"
          rows={9}
          value={text}
          spellcheck={false}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send(event);
          }}
          aria-invalid={problem !== null}
          aria-describedby="frame-help"
        />
        <p id="frame-help" class={problem ? "field-error" : "meta"} role={problem ? "alert" : undefined}>
          {problem ?? "Ctrl or Cmd + Enter sends. A ref makes a command safe to repeat; each frame sent gets a new one."}
        </p>
      </div>
      <div class="row wrap">
        <button type="submit" class="button primary" disabled={!isConnected || problem !== null}>
          Send
        </button>
        <button type="button" class="button quiet" onClick={() => choose(chosen)}>
          Fill in again
        </button>
        {!isConnected && <span class="meta">Needs a connection.</span>}
      </div>
    </form>
  );
}

/** The same frame under another ref, where it has one. */
function withRef(text: string, ref: string): string {
  const frame = JSON.parse(text) as Record<string, unknown>;
  return typeof frame["ref"] === "string" ? JSON.stringify({ ...frame, ref }, null, 2) : text;
}
