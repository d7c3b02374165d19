// S12 and S13 in a browser: hostile text in every place that shows text of others. Nothing runs, nothing is asked for elsewhere.
import { readFileSync } from "node:fs";
import { base, check, live, password, scenario } from "./browser.mjs";

const file = JSON.parse(readFileSync(new URL("../fixtures/hostile_markdown.json", import.meta.url), "utf8"));
const payloads = [...file.carriers.flatMap((carrier) => file.targets.map((target) => carrier.replace("{}", () => target))), ...file.texts]
  // What the input gate refuses never gets as far as a page.
  .filter((text) => !text.includes("\u0000"));
const TITLES = file.texts.filter((text) => text.trim() && text.length <= 120 && !text.includes("\u0000"));
const inParts = (from, size) => Array.from({ length: Math.ceil(from.length / size) }, (_, at) => from.slice(at * size, (at + 1) * size).join("\n\n"));
const sample = (from, count, start = 0) => Array.from({ length: count }, (_, at) => from[(start + at * Math.floor(from.length / count)) % from.length]);

await scenario(async (person, browser) => {
  const alice = await person("alice");
  const seen = { foreign: [], dialogs: 0 };
  await watch(alice.context(), alice, seen);
  const { token } = await call("POST", "auth/login/", { username: "alice", password });
  const api = (method, path, body) => call(method, path, body, token);

  // Board, column, cards, comments: a payload each.
  const { board } = await api("POST", "boards/", { name: sample(TITLES, 9, 3)[0], columns: sample(TITLES, 4, 7).map((text) => text.slice(0, 60)) });
  const [column] = (await api("GET", `boards/${board.id}/snapshot/`)).state.columns;
  const cards = [];
  for (const text of sample(payloads, 8)) {
    const title = TITLES[cards.length * 5];
    const checklist = [{ text: title, done: false }];
    cards.push((await api("POST", `boards/${board.id}/cards/`, { column: column.id, title, description: text, labels: [title.slice(0, 40)], checklist })).card);
  }
  const said = [...sample(payloads, 40), ...inParts(payloads, 25)].filter((text) => text.trim());
  await Promise.all(said.map((text) => api("POST", `cards/${cards[0].id}/comments/`, { content: text })));
  // Several descriptions in one: the card that the agent reads and tells of.
  const { card } = await api("POST", `boards/${board.id}/cards/`, { column: column.id, title: TITLES[1], description: sample(payloads, 60).join("\n\n").slice(0, 15_000) });

  // A session: messages of people, the agent's answer, and what its tools returned.
  const { session } = await api("POST", "sessions/", { title: TITLES[4], card: card.id, workflow: "chat" });
  for (const text of sample(payloads, 4, 2)) await api("POST", `sessions/${session.id}/messages/`, { content: `${text}\n\nRead this card`, during_run: "queue" }).catch(() => {});
  await settled(api, session.id);

  await alice.goto(`${base}/boards/${board.id}/`);
  await live(alice);
  await judge(alice, "board");
  for (const each of [cards[0], cards[5], card]) {
    await alice.goto(`${base}/boards/${board.id}/cards/${each.number}/`);
    await live(alice);
    await alice.getByRole("dialog").or(alice.locator("[role=complementary], aside")).first().waitFor();
    await judge(alice, `card ${each.number}`);
  }
  check((await alice.locator(".markdown").count()) > 0, "no rendered text was looked at");
  await alice.goto(`${base}/boards/${board.id}/cards/${cards[0].number}/`);
  await alice.locator(".comment").nth(20).waitFor();
  await judge(alice, "comments");

  await alice.goto(`${base}/sessions/${session.id}/`);
  await live(alice);
  await alice.locator(".markdown").first().waitFor();
  for (let round = 0; round < 3; round++) {
    // Folds within folds; a click each by the mouse would take minutes.
    await alice.evaluate(() => document.querySelectorAll('.fold-head[aria-expanded="false"]').forEach((head) => head.click()));
    await alice.waitForTimeout(300);
  }
  await alice.locator(".tool-details").first().waitFor();
  await judge(alice, "room");
  await alice.screenshot({ path: `${process.env.SHOTS}/room.png` });

  check(seen.dialogs === 0, `${seen.dialogs} dialogs opened`);
  check(seen.foreign.length === 0, `asked for elsewhere: ${seen.foreign.slice(0, 5)}`);
  await control(browser);
});

/** Record what must not happen: dialogs, requests to other hosts, breaches of the policy. */
async function watch(context, page, seen) {
  const own = new URL(base).host;
  page.on("dialog", (dialog) => {
    seen.dialogs += 1;
    dialog.dismiss().catch(() => {});
  });
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.host !== own && url.protocol !== "data:" && url.protocol !== "blob:") seen.foreign.push(request.url());
  });
  await context.addInitScript(() => {
    window.breaches = [];
    document.addEventListener("securitypolicyviolation", (event) => window.breaches.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
}

/** Look over the page, touch every link of the text, and wait for what that might have set off. */
async function judge(page, where) {
  const faults = await page.evaluate(() => {
    const found = [];
    for (const element of document.querySelectorAll("*")) {
      for (const { name, value } of element.attributes) {
        if (/^on/i.test(name)) found.push(`${element.tagName} ${name}`);
        const bare = value.replace(/[\u0000-\u0020]/g, "");
        if (/^(href|src|action|formaction|data|srcdoc|xlink:href)$/i.test(name) && /^(javascript|vbscript|data|blob|file):/i.test(bare)) found.push(`${name}=${value}`);
      }
    }
    for (const text of document.querySelectorAll(".markdown")) {
      const odd = text.querySelector("img, script, style, iframe, object, embed, svg, math, form, input, video, audio, link, meta, base, [style], [id]");
      if (odd) found.push(`in text: ${odd.outerHTML.slice(0, 120)}`);
      for (const link of text.querySelectorAll("a")) for (const type of ["mouseover", "pointerenter", "focus"]) link.dispatchEvent(new Event(type, { bubbles: true }));
    }
    for (const script of document.querySelectorAll("script")) {
      if (!script.src && !/json/.test(script.type)) found.push("a script of its own");
    }
    return found;
  });
  check(faults.length === 0, `${where}: ${faults.slice(0, 5).join("; ")}`);
  await page.waitForTimeout(300);
  const breaches = await page.evaluate(() => window.breaches ?? []);
  check(breaches.length === 0, `${where}: the policy was breached: ${breaches.slice(0, 5).join("; ")}`);
}

/** The same watch finds what is really there: a picture from elsewhere, and a script in the page. */
async function control(browser) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const seen = { foreign: [], dialogs: 0 };
  await watch(context, page, seen);
  await page.goto(`${base}/accounts/login/`);
  await page.evaluate(() => {
    document.body.insertAdjacentHTML("beforeend", "<img src='https://evil.example/leak'><p onclick='alert(1)' id='bait'>x</p>");
  });
  await page.locator("#bait").click({ force: true });
  await page.waitForTimeout(300);
  const breaches = await page.evaluate(() => window.breaches);
  check(breaches.some((text) => text.startsWith("img-src")) && breaches.some((text) => text.startsWith("script-src")), `the watch saw only ${breaches}`);
  await context.close();
}

async function settled(api, session) {
  for (let tries = 0; tries < 120; tries++) {
    const { results } = await api("GET", `runs/?session=${session}`);
    if (results.length && results.every((run) => run.finished)) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error("the runs did not end");
}

async function call(method, path, body, token) {
  for (;;) {
    const response = await fetch(`${base}/api/${path}`, {
      method,
      headers: { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (response.status === 429) {
      await new Promise((resolve) => setTimeout(resolve, 1_000 * Number(response.headers.get("Retry-After") ?? 1)));
      continue;
    }
    const data = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(data)} for ${JSON.stringify(body).slice(0, 200)}`);
    return data;
  }
}
