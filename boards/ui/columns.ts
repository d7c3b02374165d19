/** What people do to columns, in terms of commands. */
import { announce } from "../../project/ui/announcer";
import { asCommandError } from "../../project/ui/errors";
import { explain } from "../../project/ui/microcopy";
import { showToast } from "../../project/ui/toast";
import type { BoardModel } from "./model";
import { byRank } from "./order";

/** One place to the left (-1) or right (1). */
export function moveColumn(model: BoardModel, column: string, step: -1 | 1): void {
  const columns = Object.values(model.state.columns).sort(byRank);
  const at = columns.findIndex((each) => each.id === column);
  const neighbour = columns[at + step];
  if (!neighbour) return;
  const place = step < 0 ? { before: neighbour.id } : { after: neighbour.id };
  model.edit("move_column", { column, ...place }).then(
    () => announce(`Moved column ${columns[at]?.name} ${step < 0 ? "before" : "after"} ${neighbour.name}.`),
    (cause: unknown) => showToast({ text: explain(asCommandError(cause), { noun: "column" }) }),
  );
}
