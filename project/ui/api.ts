/** REST from the page: session cookie, CSRF header, idempotency key, errors as CommandError. */
import { CommandError, unreachable } from "./errors";
import { pageData, refreshIdentity } from "./page";
import type { Page, WireError } from "./wire";

type Method = "GET" | "POST" | "PATCH" | "DELETE";

interface Options {
  body?: unknown;
  /** Command id; give the same one again when retrying, so the thing happens once. */
  ref?: string;
  signal?: AbortSignal;
}

function headersFor(method: Method, options: Options): Headers {
  const headers = new Headers({ Accept: "application/json" });
  if (method !== "GET") {
    headers.set("X-CSRFToken", pageData().csrf);
    headers.set("Idempotency-Key", options.ref ?? newRef());
  }
  if (options.body !== undefined) headers.set("Content-Type", "application/json");
  return headers;
}

async function errorOf(answer: Response): Promise<CommandError> {
  try {
    const { error } = (await answer.json()) as { error: WireError };
    return new CommandError(error, answer.status);
  } catch {
    return new CommandError({ code: "internal", message: `The server answered ${answer.status}.` }, answer.status);
  }
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path.startsWith("/") ? path : `/api/${path}`, init);
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw unreachable();
  }
}

/** Whether there is a new CSRF token for the page's user, who may have signed in anew in another tab; nobody else's is taken. */
async function renewToken(): Promise<boolean> {
  const { user, csrf } = pageData();
  const now = await refreshIdentity().catch(() => null);
  if (now && now.id === user?.id) return true;
  pageData().csrf = csrf;
  return false;
}

async function request<T>(method: Method, path: string, options: Options = {}): Promise<T> {
  const headers = headersFor(method, options);
  const init: RequestInit = { method, headers, credentials: "same-origin" };
  if (options.body !== undefined) init.body = JSON.stringify(options.body);
  if (options.signal) init.signal = options.signal;
  let answer = await reach(path, init);
  if (answer.status === 403 && method !== "GET" && (await renewToken())) {
    headers.set("X-CSRFToken", pageData().csrf);
    answer = await reach(path, init);
  }
  if (!answer.ok) throw await errorOf(answer);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

export const api = {
  get: <T>(path: string, signal?: AbortSignal) => request<T>("GET", path, signal ? { signal } : {}),
  post: <T>(path: string, body: unknown = {}, ref?: string) => request<T>("POST", path, ref ? { body, ref } : { body }),
  patch: <T>(path: string, body: unknown, ref?: string) => request<T>("PATCH", path, ref ? { body, ref } : { body }),
  delete: <T>(path: string, ref?: string) => request<T>("DELETE", path, ref ? { ref } : {}),
};

/** A command id. Works on plain http too, where crypto.randomUUID is missing. */
export function newRef(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Every page of a list, in order. */
export async function listAll<T>(path: string, signal?: AbortSignal): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | null = null;
  do {
    const query: string = (path.includes("?") ? "&" : "?") + "limit=200" + (cursor ? `&cursor=${encodeURIComponent(cursor)}` : "");
    const page: Page<T> = await api.get<Page<T>>(path + query, signal);
    rows.push(...page.results);
    cursor = page.next;
  } while (cursor);
  return rows;
}
