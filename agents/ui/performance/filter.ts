/** What the list of reports is narrowed to, in the page's address and in the API's query. Pure. */

export interface Filter {
  target: string;
  passed: "" | "true" | "false";
  card: string;
}

export const NO_FILTER: Filter = { target: "", passed: "", card: "" };

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The filter that an address asks for; what makes no sense in it is left out. */
export function filterOf(search: string): Filter {
  const query = new URLSearchParams(search);
  const passed = query.get("passed");
  const card = query.get("card") ?? "";
  return { target: query.get("target") ?? "", passed: passed === "true" || passed === "false" ? passed : "", card: ID.test(card) ? card : "" };
}

/** "?target=slow_board&passed=false", or nothing. */
export function searchOf(filter: Filter): string {
  const given = Object.entries(filter).filter(([, value]) => value !== "");
  return given.length ? `?${new URLSearchParams(given).toString()}` : "";
}

export function isFiltered(filter: Filter): boolean {
  return searchOf(filter) !== "";
}

/** At most two are compared: choosing a third lets go of the first. */
export function choose(chosen: readonly string[], id: string): string[] {
  if (chosen.includes(id)) return chosen.filter((each) => each !== id);
  return [...chosen, id].slice(-2);
}

interface Dated {
  id: string;
  created: string;
}

/** The address where two reports are compared, the older one before. */
export function comparisonOf(one: Dated, other: Dated): string {
  const [before, after] = Date.parse(one.created) <= Date.parse(other.created) ? [one, other] : [other, one];
  return `/performance/${before.id}/compare/${after.id}/`;
}

/** The newest rows in front of those that were there already. */
export function withNewest<T extends { id: string }>(newest: readonly T[], rows: readonly T[]): T[] {
  const known = new Set(newest.map(({ id }) => id));
  return [...newest, ...rows.filter(({ id }) => !known.has(id))];
}
