/** A question to the people of the room: choices to pick from, or free text. */
import { useAnswerDraft } from "./answer_drafts";
import { useConnected } from "./answering";
import { NoteField, useNote } from "./Decide";
import type { Request } from "./types";
import type { Answering } from "./use_answer";

interface Props {
  request: Request;
  answering: Answering;
}

export function QuestionBox({ request, answering }: Props) {
  const [answer, setAnswer] = useAnswerDraft(request, "answer");
  const [note, setNote] = useNote(request);
  const connected = useConnected();
  const choices = request.choices ?? [];
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (answer.trim()) answering.send({ decision: "answer", result: answer, ...(note.trim() ? { note } : {}) });
      }}
    >
      {choices.length > 0 ? (
        <div class="choices" role="radiogroup" aria-label={request.title}>
          {choices.map((choice) => (
            <label key={choice} class="choice">
              <input type="radio" name={`choice-${request.id}`} checked={answer === choice} disabled={answering.sending} onChange={() => setAnswer(choice)} />
              <span>{choice}</span>
            </label>
          ))}
        </div>
      ) : (
        <textarea class="input" rows={2} aria-label="Your answer" placeholder="Your answer" value={answer} disabled={answering.sending} onInput={(event) => setAnswer(event.currentTarget.value)} />
      )}
      {choices.length > 0 && <NoteField note={note} disabled={answering.sending} onInput={setNote} />}
      <div class="row wrap">
        <button type="submit" class="button primary" disabled={answering.sending || !connected || answer.trim() === ""} title={connected ? undefined : "Needs a connection"}>
          {answering.sending ? "Sending…" : "Send"}
        </button>
        {!connected && <span class="meta">Needs a connection</span>}
      </div>
      {answering.fields["result"] && <p class="field-error">{answering.fields["result"]}</p>}
    </form>
  );
}
