/** Which request of the inbox is open: named by the address, so that it comes back after a reload and Back closes it. */
import { Observable } from "../../project/ui/observable";

function inAddress(): string | null {
  return new URLSearchParams(location.search).get("request");
}

export class Selection {
  readonly id = new Observable<string | null>(inAddress());

  constructor() {
    addEventListener("popstate", () => this.id.set(inAddress()));
  }

  /** Open a request; from one to the next leaves no trace in the history. */
  open(id: string): void {
    const address = `${location.pathname}?request=${id}`;
    if (this.id.get() === null) history.pushState({ request: true }, "", address);
    else history.replaceState(history.state, "", address);
    this.id.set(id);
  }

  /** Show a request that nobody chose. */
  begin(id: string): void {
    history.replaceState(null, "", `${location.pathname}?request=${id}`);
    this.id.set(id);
  }

  close(): void {
    if ((history.state as { request?: boolean } | null)?.request) {
      history.back();
      return;
    }
    history.replaceState(null, "", location.pathname);
    this.id.set(null);
  }
}
