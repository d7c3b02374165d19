/** Folds chosen by hand; all others go by their own rule. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { Observable, useSelected } from "../../project/ui/observable";

export class Folds {
  /** Those the reader opened (true) or closed (false). */
  readonly folds = new Observable<Record<string, boolean>>({});

  fold(id: string, open: boolean): void {
    this.foldAll([id], open);
  }

  foldAll(ids: string[], open: boolean): void {
    this.folds.update((folds) => ({ ...folds, ...Object.fromEntries(ids.map((id) => [id, open])) }));
  }
}

export const FoldsContext = createContext<Folds>(new Folds());

/** The state of a fold: by hand if the reader chose, else by its own rule. */
export function useFold(id: string, byRule: boolean): [boolean, () => void] {
  const page = useContext(FoldsContext);
  const chosen = useSelected(page.folds, (folds) => folds[id]);
  const open = chosen ?? byRule;
  return [open, () => page.fold(id, !open)];
}
