/** Says plainly that rules do the work when no language model is configured. Folds, never disappears. */
import { Icon } from "./icons";
import { pageData } from "./page";

export function ModelNotice({ folded }: { folded?: boolean }) {
  const { model } = pageData();
  if (model.configured) return null;
  return (
    <details class="model-notice" open={!folded}>
      <summary>
        <Icon name="info" /> Rules, no language model
      </summary>
      <p>
        No language model is configured. Built-in rules are doing the work: they can search, count, compare and report on this board, but not write
        freely or answer general questions.
      </p>
    </details>
  );
}

/** The model that would do the work, in a few words. */
export function modelName(): string {
  const { model } = pageData();
  return model.configured ? (model.name ?? model.adapter) : "rules, no language model";
}
