/** Choices of this browser: theme (a cookie, so the server can set it before first paint), shortcuts, announcements. */
import { Observable } from "./observable";

export type Theme = "system" | "light" | "dark";

const YEAR_S = 365 * 24 * 3600;

function readTheme(): Theme {
  const value = document.documentElement.dataset["theme"];
  return value === "light" || value === "dark" ? value : "system";
}

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // Storage can be switched off; the preference then lasts for this page.
  }
}

function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    return;
  }
}

export const theme = new Observable<Theme>("system");
export const shortcutsOn = new Observable(true);
export const announceOthers = new Observable(true);

export function loadPreferences(): void {
  theme.set(readTheme());
  shortcutsOn.set(stored("workroom.shortcuts") !== "off");
  announceOthers.set(stored("workroom.announce") !== "off");
}

export function setTheme(value: Theme): void {
  theme.set(value);
  if (value === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = value;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${value}; Path=/; Max-Age=${YEAR_S}; SameSite=Lax${secure}`;
}

export function setShortcuts(on: boolean): void {
  shortcutsOn.set(on);
  store("workroom.shortcuts", on ? "on" : "off");
}

export function setAnnounceOthers(on: boolean): void {
  announceOthers.set(on);
  store("workroom.announce", on ? "on" : "off");
}
