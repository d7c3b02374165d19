/** An act that waits for a yes: what, why, what it changes, and its arguments as a form. */
import { useKept } from "../../project/ui/kept";
import { ArgumentsForm } from "./ArgumentsForm";
import { Decide } from "./Decide";
import { PlainText } from "./PlainText";
import { classWords, expiryWords } from "./request_words";
import { byField, fieldsOf, parseForm, rawOf } from "./schema";
import type { JsonObject, Request } from "./types";
import type { Answering } from "./use_answer";

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
  const isChanged = parsed.changed.length > 0;
  return (
    <Decide request={request} answering={answering} edited={isChanged ? parsed.values : null} invalid={Object.keys(parsed.errors).length > 0}>
      {fields.length > 0 && (
        <ArgumentsForm
          fields={fields}
          raws={raws}
          asked={asked}
          errors={{ ...byField(answering.fields), ...parsed.errors }}
          changed={parsed.changed}
          disabled={answering.sending}
          onInput={edit}
        />
      )}
    </Decide>
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
