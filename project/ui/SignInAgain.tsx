/** The sign-in that ended, renewed over the page that is kept: drafts and held changes stay. */
import { useState } from "preact/hooks";
import { Dialog } from "./Dialog";
import { Icon } from "./icons";
import { pageData, refreshIdentity } from "./page";
import { SIGNED_IN } from "./socket";
import { plural } from "./text";

type Outcome = "same" | "other" | "refused" | "unreachable";

async function signIn(username: string, password: string): Promise<Outcome> {
  const expected = pageData().user?.id;
  try {
    await refreshIdentity();
    const body = new URLSearchParams({ username, password, csrfmiddlewaretoken: pageData().csrf });
    await fetch("/accounts/login/", { method: "POST", body, credentials: "same-origin" });
    const user = await refreshIdentity();
    if (!user) return "refused";
    return user.id === expected ? "same" : "other";
  } catch {
    return "unreachable";
  }
}

const MESSAGES: Partial<Record<Outcome, string>> = {
  refused: "Username or password is wrong, or there were too many tries.",
  unreachable: "The server can't be reached. Try again in a moment.",
};

export function SignInAgain({ held }: { held: number }) {
  const [password, setPassword] = useState("");
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [busy, setBusy] = useState(false);
  const username = pageData().user?.username ?? "";
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const result = await signIn(username, password);
    setBusy(false);
    setOutcome(result);
    // Every socket of this page was cut off by the same ending.
    if (result === "same") dispatchEvent(new Event(SIGNED_IN));
    if (result === "other") location.reload();
  };
  const message = outcome && MESSAGES[outcome];
  return (
    <Dialog title="Sign in again" onClose={() => undefined} locked>
      <form class="stack" onSubmit={submit}>
        <p>
          Your sign-in has ended. {held > 0 && `${plural(held, "change")} will be sent once you are back. `}
          What you typed is kept.
        </p>
        {message && (
          <p class="field-error" role="alert">
            <Icon name="error" /> {message}
          </p>
        )}
        <input class="visually-hidden" tabIndex={-1} aria-hidden="true" name="username" autocomplete="username" value={username} readOnly />
        <label class="field">
          <span class="label">Password of {username}</span>
          <input class="input" type="password" name="password" autocomplete="current-password" value={password} onInput={(event) => setPassword(event.currentTarget.value)} required />
        </label>
        <button type="submit" class="button primary" disabled={busy}>
          {busy ? "Signing in…" : "Sign in"}
        </button>
      </form>
    </Dialog>
  );
}
