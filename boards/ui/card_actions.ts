/** Archive, restore and delete, with their words and their way back. */
import { announce } from "../../project/ui/announcer";
import { asCommandError } from "../../project/ui/errors";
import { showToast } from "../../project/ui/toast";
import { explainOn } from "./limits";
import type { BoardModel } from "./model";

const UNDO_MS = 10_000;

interface Named {
  id: string;
  number: number;
}

function refused(model: BoardModel, card: Named, cause: unknown): void {
  const text = explainOn(model.state.columns, asCommandError(cause));
  model.marks.note(card.id, text);
  showToast({ text: `#${card.number}: ${text}` });
}

export function archiveCard(model: BoardModel, card: Named): void {
  model.edit("archive_card", { card: card.id }).then(
    () => {
      announce(`Archived #${card.number}.`);
      showToast({ text: `Archived #${card.number}`, action: { label: "Undo", run: () => restoreCard(model, card) } }, UNDO_MS);
    },
    (cause: unknown) => refused(model, card, cause),
  );
}

export function restoreCard(model: BoardModel, card: Named): void {
  model.edit("restore_card", { card: card.id }).then(
    () => announce(`Restored #${card.number}.`),
    (cause: unknown) => refused(model, card, cause),
  );
}
