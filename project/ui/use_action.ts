/** One thing asked of the server: busy while it is asked, its refusal in words. */
import { useState } from "preact/hooks";
import { announceFailure } from "./announcer";
import { asCommandError } from "./errors";
import { explain, type Subject } from "./microcopy";

export interface Action {
  busy: boolean;
  error: string | null;
  run(): void;
}

export function useAction(work: () => Promise<unknown>, subject: Subject = { noun: "run" }): Action {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const run = async () => {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (cause) {
      const sentence = explain(asCommandError(cause), subject);
      setError(sentence);
      announceFailure(sentence);
    }
    setBusy(false);
  };
  return { busy, error, run: () => void run() };
}
