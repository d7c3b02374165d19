/** The data a Django template hands to the island on it. */
import type { ModelInfo, User } from "./wire";

export interface BasePageData {
  user: User | null;
  csrf: string;
  model: ModelInfo;
  debug_demo: boolean;
}

let cached: BasePageData | null = null;

function parse(root: ParentNode): BasePageData {
  const node = root.querySelector("#page-data");
  if (node?.textContent == null) throw new Error("This page carries no #page-data.");
  return JSON.parse(node.textContent) as BasePageData;
}

/** The page's data, read once. `T` names what this page adds. */
export function pageData<T extends BasePageData = BasePageData>(): T {
  cached ??= parse(document);
  return cached as T;
}

/** Fetch this page again and take over its CSRF token, which changes at sign-in; returns who is signed in now. */
export async function refreshIdentity(): Promise<User | null> {
  const answer = await fetch("/", { headers: { Accept: "text/html" }, credentials: "same-origin" });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!fresh.querySelector("#page-data")) return null;
  const data = parse(fresh);
  pageData().csrf = data.csrf;
  return data.user;
}
