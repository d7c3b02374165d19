/** An act that waits for a yes: what, why, what it changes, its arguments, and two equal buttons. */
import { useRef } from "preact/hooks";
import { Icon } from "../../project/ui/icons";
import { useKept } from "../../project/ui/kept";
import { ArgumentsForm } from "./ArgumentsForm";
import { useConnected } from "./answering";
import { PlainText } from "./PlainText";
import { classWords, expiryWords } from "./request_words";
import { fieldsOf, parseForm, rawOf } from "./schema";
import type { JsonObject, Request } from "./types";
import type { Answering } from "./use_answer";
import { useStoodStill } from "./use_settled";

interface Props {
  request: Request;
  answering: Answering;
}

function useArguments(request: Request) {
  const asked: JsonObject = request.parameters ?? {};
  const fields = fieldsOf(request.schema ?? {}, asked);
  const [raws, setRaws] = useKept(`arguments:${request.hash}`, () => Object.fromEntries(fields.map((field) => [field.name, rawOf(field, asked[field.name])])));
  return { asked, fields, raws, parsed: parseForm(fields, raws, asked), edit: (name: string, raw: string) => setRaws({ ...raws, [name]: raw }) };
}

export function ApprovalBox({ request, answering }: Props) {
  const { asked, fields, raws, parsed, edit } = useArguments(request);
  const [note, setNote] = useKept(`note:${request.hash}`, () => "");
  const isChanged = parsed.changed.length > 0;
  const given = note.trim() ? { note } : {};
  const invalid = Object.keys(parsed.errors).length > 0;
  return (
    <div class="stack">
      {fields.length > 0 && (
        <ArgumentsForm
          fields={fields}
          raws={raws}
          asked={asked}
          errors={{ ...answering.fields, ...parsed.errors }}
          changed={parsed.changed}
          disabled={answering.sending}
          onInput={edit}
        />
      )}
      <label class="field">
        <span class="label">
          Note to the agent <span class="muted">(optional)</span>
        </span>
        <input class="input" value={note} disabled={answering.sending} onInput={(event) => setNote(event.currentTarget.value)} />
      </label>
      <Decide
        answering={answering}
        invalid={invalid}
        approve={isChanged ? "Approve with changes" : "Approve"}
        onApprove={() => answering.send({ decision: "approve", ...(isChanged ? { arguments: parsed.values } : {}), ...given })}
        onDeny={() => answering.send({ decision: "deny", ...given })}
      />
    </div>
  );
}

interface DecideProps {
  answering: Answering;
  invalid: boolean;
  approve: string;
  onApprove(): void;
  onDeny(): void;
}

function Decide({ answering, invalid, approve, onApprove, onDeny }: DecideProps) {
  const row = useRef<HTMLDivElement>(null);
  const still = useStoodStill(row);
  const connected = useConnected();
  const locked = answering.sending || !connected || !still;
  const reason = connected ? undefined : "Needs a connection";
  return (
    <div ref={row} class="stack">
      <div class="decide">
        <button type="button" class="button decision" disabled={locked || invalid} title={reason} onClick={onApprove}>
          <Icon name="check" /> {approve}
        </button>
        <button type="button" class="button decision" disabled={locked} title={reason} onClick={onDeny}>
          <Icon name="close" /> Deny
        </button>
      </div>
      {answering.sending && <span class="meta">Sending…</span>}
      {!connected && <span class="meta">{reason}</span>}
      {invalid && <span class="meta">Correct the fields above to approve.</span>}
    </div>
  );
}

/** Why, what it changes, and until when: the same for every kind of request. */
export function RequestFacts({ request, now }: { request: Request; now: number }) {
  const touches = request.kind === "approval" ? classWords(request) : null;
  return (
    <>
      {request.reason && (
        <p class="request-why">
          <span class="muted">Why: </span>
          <q>
            <PlainText text={request.reason} />
          </q>
        </p>
      )}
      <p class="meta num">{[touches, expiryWords(request.expires, now)].filter(Boolean).join(" · ")}</p>
    </>
  );
}
