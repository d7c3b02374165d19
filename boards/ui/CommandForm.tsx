/** A small form around one command: busy while it is asked, the refusal under the fields, closed on success. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { asCommandError } from "../../project/ui/errors";
import { Icon } from "../../project/ui/icons";
import { explain, type Subject } from "../../project/ui/microcopy";

interface Props {
  submit: string;
  run(): Promise<unknown>;
  onDone(): void;
  onCancel(): void;
  subject?: Subject;
  danger?: boolean;
  disabled?: boolean;
  children: ComponentChildren;
}

export function CommandForm({ submit, run, onDone, onCancel, subject, danger, disabled, children }: Props) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const onSubmit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await run();
      onDone();
    } catch (cause) {
      setError(explain(asCommandError(cause), subject));
      setBusy(false);
    }
  };
  return (
    <form class="stack" onSubmit={onSubmit}>
      {children}
      {error && (
        <p class="field-error" role="alert">
          <Icon name="error" /> {error}
        </p>
      )}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onCancel}>
          Cancel
        </button>
        <button type="submit" class={danger ? "button danger filled" : "button primary"} disabled={busy || disabled}>
          {busy ? "Saving…" : submit}
        </button>
      </div>
    </form>
  );
}
