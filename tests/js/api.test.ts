import { beforeEach, expect, test, vi } from "vitest";
import { api } from "../../project/ui/api";
import { pageData } from "../../project/ui/page";

const page = (user: string, csrf: string) => ({ textContent: JSON.stringify({ user: { id: user }, csrf }) });
const CSRF = { error: { code: "forbidden", message: "CSRF check failed: …" } };

let asked: { method: string; token: string | null; key: string | null }[];
/** Who is signed in now, and the only token that is taken. */
let now: { user: string; csrf: string };

beforeEach(() => {
  asked = [];
  vi.stubGlobal("document", { querySelector: () => page("alice", "old") });
  vi.stubGlobal("DOMParser", class {
    parseFromString = () => ({ querySelector: () => page(now.user, now.csrf) });
  });
  vi.stubGlobal("fetch", async (path: string, { method = "GET", headers }: { method?: string; headers: HeadersInit }) => {
    const [token, key] = ["X-CSRFToken", "Idempotency-Key"].map((name) => new Headers(headers).get(name)) as [string | null, string | null];
    if (path === "/") return new Response("<html>");
    asked.push({ method, token, key });
    return token === now.csrf ? new Response("{}", { status: 201 }) : new Response(JSON.stringify(CSRF), { status: 403 });
  });
  pageData().csrf = "old";
});

test("a page whose user has signed in anew in another tab goes on with the new token, under the same id", async () => {
  now = { user: "alice", csrf: "new" };
  await expect(api.post("boards/", { name: "Mine" })).resolves.toEqual({});
  expect(asked.map(({ token }) => token)).toEqual(["old", "new"]);
  expect(asked[0]!.key).toBe(asked[1]!.key);
  await api.post("boards/", { name: "Another" });
  expect(asked).toHaveLength(3);
});

test("nothing is done in the name of somebody else who has signed in meanwhile", async () => {
  now = { user: "bob", csrf: "new" };
  await expect(api.post("boards/", { name: "Mine" })).rejects.toMatchObject({ code: "forbidden" });
  await expect(api.post("boards/", { name: "Mine" })).rejects.toMatchObject({ code: "forbidden" });
  expect(asked.map(({ token }) => token)).toEqual(["old", "old"]);
});
