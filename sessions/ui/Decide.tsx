/** Approve and Deny: equal in size, never pre-focused, still for half a second before they can be pressed. With a note to the agent. */
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { Icon } from "../../project/ui/icons";
import { useAnswerDraft } from "./answer_drafts";
import { useConnected } from "./answering";
import { decisionWords } from "./request_words";
import type { JsonObject, Request } from "./types";
import type { Answering } from "./use_answer";
import { useStoodStill } from "./use_settled";

interface Props {
  request: Request;
  answering: Answering;
  /** The arguments as they were edited; null when they weren't. */
  edited: JsonObject | null;
  invalid: boolean;
  /** What is decided on. */
  children: ComponentChildren;
}

export function useNote(request: Request): [string, (note: string) => void] {
  return useAnswerDraft(request, "note");
}

export function NoteField({ note, disabled, onInput }: { note: string; disabled: boolean; onInput(note: string): void }) {
  return (
    <label class="field">
      <span class="label">
        Note to the agent <span class="muted">(optional)</span>
      </span>
      <input class="input" value={note} disabled={disabled} onInput={(event) => onInput(event.currentTarget.value)} />
    </label>
  );
}

export function Decide({ request, answering, edited, invalid, children }: Props) {
  const [note, setNote] = useNote(request);
  const given = note.trim() ? { note } : {};
  const words = decisionWords(request, edited ?? request.parameters ?? {}, edited !== null);
  return (
    <div class="stack">
      {children}
      <NoteField note={note} disabled={answering.sending} onInput={setNote} />
      <Buttons
        answering={answering}
        invalid={invalid}
        words={words}
        onApprove={() => answering.send({ decision: "approve", ...(edited ? { arguments: edited } : {}), ...given })}
        onDeny={() => answering.send({ decision: "deny", ...given })}
      />
    </div>
  );
}

interface ButtonsProps {
  answering: Answering;
  invalid: boolean;
  words: { approve: string; deny: string };
  onApprove(): void;
  onDeny(): void;
}

function Buttons({ answering, invalid, words, onApprove, onDeny }: ButtonsProps) {
  const row = useRef<HTMLDivElement>(null);
  const still = useStoodStill(row);
  const connected = useConnected();
  const locked = answering.sending || !connected || !still;
  const reason = connected ? undefined : "Needs a connection";
  return (
    <div ref={row} class="stack">
      <div class="decide">
        <button type="button" class="button decision" disabled={locked || invalid} title={reason} onClick={onApprove}>
          <Icon name="check" /> {words.approve}
        </button>
        <button type="button" class="button decision" disabled={locked} title={reason} onClick={onDeny}>
          <Icon name="close" /> {words.deny}
        </button>
      </div>
      {answering.sending && <span class="meta">Sending…</span>}
      {!connected && <span class="meta">{reason}</span>}
      {invalid && <span class="meta">Correct the fields above to approve.</span>}
    </div>
  );
}
