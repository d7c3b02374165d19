/** A tool the connected client runs; people may answer for it by hand. */
import { useKept } from "../../project/ui/kept";
import { useConnected } from "./answering";
import { Fold } from "./Fold";
import { KeyValues } from "./KeyValues";
import { parametersOf, parseJson } from "./tool_words";
import type { Request } from "./types";
import type { Answering } from "./use_answer";

interface Props {
  request: Request;
  answering: Answering;
}

export function ClientToolBox({ request, answering }: Props) {
  return (
    <div class="stack">
      <p>
        Waiting for the connected client to run <span class="mono">{request.tool_name}</span>
      </p>
      <KeyValues rows={parametersOf(request.parameters ?? {})} empty="No arguments" />
      <Fold id={`by-hand:${request.id}`} head={<span>Answer by hand</span>}>
        {() => <ByHand request={request} answering={answering} />}
      </Fold>
    </div>
  );
}

function ByHand({ request, answering }: Props) {
  const [text, setText] = useKept(`result:${request.hash}`, () => "");
  const connected = useConnected();
  const result = parseJson(text);
  const invalid = text.trim() !== "" && result === undefined;
  return (
    <div class="stack">
      <label class="field">
        <span class="label">Result, as JSON</span>
        <textarea class="input mono" rows={3} value={text} spellcheck={false} disabled={answering.sending} onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      {(invalid || answering.fields["result"]) && <p class="field-error">{invalid ? "This isn't valid JSON." : answering.fields["result"]}</p>}
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
    </div>
  );
}
