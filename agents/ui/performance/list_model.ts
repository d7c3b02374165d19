/** The list of reports: what the filter lets through, page by page, kept fresh while it is looked at. */
import { api } from "../../../project/ui/api";
import { asCommandError } from "../../../project/ui/errors";
import { explain } from "../../../project/ui/microcopy";
import { Observable } from "../../../project/ui/observable";
import { Poller } from "../../../project/ui/poll";
import type { Page } from "../../../project/ui/wire";
import { type Filter, filterOf, isFiltered, searchOf, withNewest } from "./filter";
import type { ListData, ReportRow } from "./types";

const EVERY_MS = 15_000;

export interface ListState {
  filter: Filter;
  rows: ReportRow[];
  next: string | null;
  /** Another filter was chosen, or more rows are being fetched. */
  loading: boolean;
  error: string | null;
}

export class ListModel {
  readonly state: Observable<ListState>;
  readonly poller = new Poller((signal) => this.#refresh(signal), EVERY_MS);
  #wanted = 0;

  constructor(data: ListData, search: string) {
    const filter = filterOf(search);
    const { results, next } = isFiltered(filter) ? { results: [], next: null } : data.reports;
    this.state = new Observable<ListState>({ filter, rows: results, next, loading: isFiltered(filter), error: null });
  }

  /** Show what this filter lets through; the rows before stay until then. */
  async narrow(change: Partial<Filter>): Promise<void> {
    const filter = { ...this.state.get().filter, ...change };
    history.replaceState(null, "", location.pathname + searchOf(filter));
    this.#patch({ filter, loading: true, error: null });
    await this.#load(filter, null);
  }

  async more(): Promise<void> {
    const { filter, next, loading } = this.state.get();
    if (next === null || loading) return;
    this.#patch({ loading: true, error: null });
    await this.#load(filter, next);
  }

  /** An answer to an older question than the last is thrown away. */
  async #load(filter: Filter, cursor: string | null): Promise<void> {
    const wanted = ++this.#wanted;
    try {
      const page = await this.#page(filter, cursor);
      if (wanted !== this.#wanted) return;
      const before = cursor === null ? [] : this.state.get().rows;
      this.#patch({ rows: [...before, ...page.results], next: page.next, loading: false });
    } catch (cause) {
      if (wanted === this.#wanted) this.#patch({ loading: false, error: explain(asCommandError(cause), { noun: "report" }) });
    }
  }

  async #refresh(signal: AbortSignal): Promise<void> {
    const wanted = this.#wanted;
    const page = await this.#page(this.state.get().filter, null, signal);
    if (wanted !== this.#wanted) return;
    const { rows, next, loading } = this.state.get();
    const isFirst = rows.length === 0;
    this.#patch({ rows: withNewest(page.results, rows), next: isFirst ? page.next : next, loading: isFirst ? false : loading });
  }

  #page(filter: Filter, cursor: string | null, signal?: AbortSignal): Promise<Page<ReportRow>> {
    const search = searchOf(filter) || "?";
    return api.get<Page<ReportRow>>(`performance/${search}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`, signal);
  }

  #patch(change: Partial<ListState>): void {
    this.state.update((state) => ({ ...state, ...change }));
  }
}
