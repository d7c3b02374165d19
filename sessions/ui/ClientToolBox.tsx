/** A tool the connected client runs; people may answer for it by hand. */
import { Observable, useSelected } from "../../project/ui/observable";
import type { Presence } from "../../project/ui/wire";
import { readTexts, useAnswerDraft, useFormDraft } from "./answer_drafts";
import { useAnswers, useConnected } from "./answering";
import { ArgumentsForm } from "./ArgumentsForm";
import { clientOf, clientWords } from "./client_words";
import { Fold } from "./Fold";
import { KeyValues } from "./KeyValues";
import { byField, fieldsOf, parseForm, type SchemaField } from "./schema";
import { parametersOf, parseJson } from "./tool_words";
import type { Json, Request } from "./types";
import type { Answering } from "./use_answer";

interface Props {
  request: Request;
  answering: Answering;
}

const NOBODY = new Observable<Presence>({ users: [], total: 0 });

export function ClientToolBox({ request, answering }: Props) {
  const fields = fieldsOf(request.schema ?? {}, {});
  return (
    <div class="stack">
      <Client name={request.tool_name ?? ""} />
      <KeyValues rows={parametersOf(request.parameters ?? {})} empty="No arguments" />
      <Fold id={`by-hand:${request.id}`} head={<span>Answer by hand</span>}>
        {() => (fields.length > 0 ? <AsForm request={request} answering={answering} fields={fields} /> : <AsJson request={request} answering={answering} />)}
      </Fold>
    </div>
  );
}

/** Whom the run waits for, as far as that is known here. */
function Client({ name }: { name: string }) {
  const { me, clients } = useAnswers();
  const client = useSelected(clients?.here ?? NOBODY, (here) => (clients ? clientOf(clients.owner(), me, here) : "unknown"));
  const [before, after] = clientWords(client, clients?.owner() ?? null);
  return (
    <p role="status">
      {before} <span class="mono">{name}</span>
      {after}
    </p>
  );
}

/** For a result whose schema names its parts. */
function AsForm({ request, answering, fields }: Props & { fields: SchemaField[] }) {
  const [raws, setRaws] = useFormDraft<Record<string, string>>(request, "result", {}, readTexts);
  const { values, errors } = parseForm(fields, raws, {});
  const told = byField(Object.fromEntries(Object.entries(answering.fields).map(([path, message]) => [path.replace(/^result\./, ""), message])));
  const invalid = Object.keys(errors).length > 0;
  return (
    <div class="stack">
      <ArgumentsForm fields={fields} raws={raws} asked={{}} errors={{ ...told, ...errors }} changed={[]} disabled={answering.sending} onInput={(name, raw) => setRaws({ ...raws, [name]: raw })} />
      {told["result"] && <p class="field-error">{told["result"]}</p>}
      <Send answering={answering} result={invalid ? undefined : values} />
    </div>
  );
}

function AsJson({ request, answering }: Props) {
  const [text, setText] = useAnswerDraft(request, "result");
  const result = parseJson(text);
  const invalid = text.trim() !== "" && result === undefined;
  const told = Object.entries(answering.fields).map(([path, message]) => (path === "result" ? message : `${path.replace(/^result\./, "")}: ${message}`));
  return (
    <div class="stack">
      <label class="field">
        <span class="label">Result, as JSON</span>
        <textarea class="input mono" rows={3} value={text} spellcheck={false} disabled={answering.sending} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      {(invalid ? ["This isn't valid JSON."] : told).map((words) => (
        <p key={words} class="field-error">
          {words}
        </p>
      ))}
      <Send answering={answering} result={result} />
    </div>
  );
}

function Send({ answering, result }: { answering: Answering; result: Json | undefined }) {
  const connected = useConnected();
  return (
    <div class="row wrap">
      <button
        type="button"
        class="button"
        disabled={result === undefined || answering.sending || !connected}
        title={connected ? undefined : "Needs a connection"}
        onClick={() => result !== undefined && answering.send({ decision: "answer", result })}
      >
        {answering.sending ? "Sending…" : "Send result"}
      </button>
    </div>
  );
}
