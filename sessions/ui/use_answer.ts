/** Answering one request: locked while it is sent, and told when somebody else was first or the request has changed. */
import { useState } from "preact/hooks";
import { announceFailure } from "../../project/ui/announcer";
import { asCommandError, type CommandError } from "../../project/ui/errors";
import { explain } from "../../project/ui/microcopy";
import { useSameRef } from "../../project/ui/same_ref";
import { type Answer, useAnswers } from "./answering";
import { lostWords } from "./request_words";
import type { Request } from "./types";

export interface Answering {
  sending: boolean;
  /** A sentence about the last try. */
  note: string | null;
  /** Messages under fields, by the path the server names. */
  fields: Record<string, string>;
  /** This page's answer was used, and its arguments differed from those asked for. */
  withChanges: boolean;
  send(answer: Answer): void;
}

function fieldsOf(error: CommandError): Record<string, string> {
  return Object.fromEntries(Object.entries(error.fields).map(([path, messages]) => [path.replace(/^arguments\./, ""), messages[0] ?? ""]));
}

export function useAnswer(request: Request): Answering {
  const answers = useAnswers();
  const [sending, setSending] = useState(false);
  const [note, setNote] = useState<string | null>(null);
  const [fields, setFields] = useState<Record<string, string>>({});
  const [withChanges, setWithChanges] = useState(false);
  const refOf = useSameRef();
  const refuse = (error: CommandError) => {
    const newer = (error.data["request"] ?? null) as Request | null;
    const sentences: Record<string, () => string> = {
      already_answered: () => lostWords(newer, answers.me),
      request_changed: () => "This request has changed. Read it again.",
    };
    const sentence = sentences[error.code]?.() ?? explain(error, { noun: "request" });
    setNote(sentence);
    setFields(fieldsOf(error));
    announceFailure(sentence);
    if (newer) answers.putRequest(newer);
  };
  const send = async (answer: Answer) => {
    setSending(true);
    setNote(null);
    setFields({});
    try {
      await answers.answer(request, answer, refOf([request.hash, answer]));
      setWithChanges(answer.arguments !== undefined);
    } catch (cause) {
      refuse(asCommandError(cause));
    }
    setSending(false);
  };
  return { sending, note, fields, withChanges, send: (answer) => void send(answer) };
}
