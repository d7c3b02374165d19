/** Start an island: preferences first, then the view into #app. */
import { type ComponentChild, render } from "preact";
import { ErrorBoundary } from "./ErrorBoundary";
import { loadPreferences } from "./prefs";

export function mount(view: ComponentChild): void {
  loadPreferences();
  const root = document.querySelector("#app");
  if (!root) throw new Error("This page has no #app to mount on.");
  render(<ErrorBoundary sentence="This page couldn't be shown.">{view}</ErrorBoundary>, root);
}
