/** Where the console connects to, and where what it follows is judged. */

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** `wss://host/ws/sessions/<id>/?after=N`, or null when the session is neither an id nor new. */
export function addressOf(origin: string, session: string, after: string): string | null {
  const base = `${origin.replace(/^http/, "ws")}/ws/sessions/`;
  if (session === "new") return base;
  if (!ID.test(session)) return null;
  return `${base}${session}/${after === "" ? "" : `?after=${after}`}`;
}

/** The page that checks the events of this session; without an id the page where one is chosen. */
export function checkOf(session: string): string {
  return ID.test(session) ? `/verify/?session=${session}` : "/verify/";
}
