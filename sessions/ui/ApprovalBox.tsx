/** An act that waits for a yes: what, why, what it changes, and its arguments as a form. */
import { plural } from "../../project/ui/text";
import { readTexts, useFormDraft } from "./answer_drafts";
import { ArgumentsForm } from "./ArgumentsForm";
import { Decide } from "./Decide";
import { Fold } from "./Fold";
import { PlainText } from "./PlainText";
import { classWords, expiryWords } from "./request_words";
import { byField, fieldsOf, parseForm, rawOf, type SchemaField } from "./schema";
import type { JsonObject, Request } from "./types";
import type { Answering } from "./use_answer";

interface Props {
  request: Request;
  answering: Answering;
}

function useArguments(request: Request) {
  const asked: JsonObject = request.parameters ?? {};
  const fields = fieldsOf(request.schema ?? {}, asked);
  const began = Object.fromEntries(fields.map((field) => [field.name, rawOf(field, asked[field.name])]));
  const [raws, setRaws] = useFormDraft(request, "arguments", began, readTexts);
  return { asked, fields, raws, parsed: parseForm(fields, raws, asked), edit: (name: string, raw: string) => setRaws({ ...raws, [name]: raw }) };
}

/** What was asked for stands open; arguments that were left out are a fold away. */
export function ApprovalBox({ request, answering }: Props) {
  const { asked, fields, raws, parsed, edit } = useArguments(request);
  const errors = { ...byField(answering.fields), ...parsed.errors };
  const isSaid = (field: SchemaField) => field.required || (asked[field.name] ?? null) !== null;
  const others = fields.filter((field) => !isSaid(field));
  const form = (shown: SchemaField[]) => (
    <ArgumentsForm fields={shown} raws={raws} asked={asked} errors={errors} changed={parsed.changed} disabled={answering.sending} onInput={edit} />
  );
  return (
    <Decide request={request} answering={answering} edited={parsed.changed.length > 0 ? parsed.values : null} invalid={Object.keys(parsed.errors).length > 0}>
      {fields.length > others.length && form(fields.filter(isSaid))}
      {others.length > 0 && (
        <Fold id={`others:${request.id}`} byRule={others.some(({ name }) => name in errors)} head={<span>{plural(others.length, "more argument")}</span>}>
          {() => form(others)}
        </Fold>
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
      <p class="meta num">
        <PlainText text={[touches, expiryWords(request.expires, now)].filter(Boolean).join(" · ")} />
      </p>
    </>
  );
}
