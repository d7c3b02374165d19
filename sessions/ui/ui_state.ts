/** What is only this page's: folds chosen by hand, the block the keys are on, requests out of sight. */
import { Observable } from "../../project/ui/observable";
import { Folds } from "./folds";
import { Follow } from "./follow";

export class RoomUi extends Folds {
  /** Open requests that can be seen now. */
  readonly onScreen = new Observable<Record<string, boolean>>({});
  readonly helpOpen = new Observable(false);
  readonly follow = new Follow();
  /** Put the cursor into the composer, with a text if one is given. Set by the composer. */
  compose: (text?: string) => void = () => undefined;

  override foldAll(ids: string[], open: boolean): void {
    this.follow.release();
    super.foldAll(ids, open);
  }

  see(request: string, seen: boolean): void {
    this.onScreen.update((known) => (known[request] === seen ? known : { ...known, [request]: seen }));
  }
}
