/** The frame of every signed-in page: skip link, header, banner, content, live region, toast. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Announcer } from "./announcer";
import { Avatar } from "./avatar";
import { ConnectionBadge, ConnectionBanner, type Link } from "./Connection";
import { ErrorBoundary } from "./ErrorBoundary";
import { Icon } from "./icons";
import { useLightDismiss } from "./light_dismiss";
import { useValue } from "./observable";
import { classes, plural } from "./text";
import { Toasts } from "./toast";
import { UserMenu } from "./UserMenu";
import { waiting, watchWaiting } from "./waiting";
import type { User } from "./wire";
import "./styles";

export interface Crumb {
  label: string;
  href?: string;
}

interface Props {
  user: User;
  /** From the boards list down to this page; the last one is this page. */
  crumbs: Crumb[];
  link?: Link;
  present?: { users: User[]; total: number };
  /** Search, filters or a chip beside the breadcrumb. */
  slot?: ComponentChildren;
  onShortcuts?: () => void;
  children: ComponentChildren;
}

/** "(2) Launch · Workroom": how many requests wait for me, whatever page this is. */
function useTitle(name: string): void {
  const count = useValue(waiting);
  useEffect(() => {
    document.title = `${count ? `(${count}) ` : ""}${name} · Workroom`;
  }, [count, name]);
}

export function Shell({ user, crumbs, link, present, slot, onShortcuts, children }: Props) {
  useTitle(crumbs.at(-1)?.label ?? "");
  useEffect(watchWaiting, []);
  return (
    <div class="shell">
      <a class="skip-link" href="#content">
        Skip to content
      </a>
      <header class="shell-header">
        <Breadcrumb crumbs={crumbs} />
        <div class="shell-slot">{slot}</div>
        <PerformanceLink />
        <InboxLink />
        {link && <ConnectionBadge link={link} />}
        {present && <WhoIsHere {...present} me={user} />}
        {onShortcuts && (
          <button type="button" class="icon-button shortcuts-hint" aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)" onClick={onShortcuts}>
            <kbd>?</kbd>
          </button>
        )}
        <UserMenu user={user} />
      </header>
      {link && <ConnectionBanner link={link} />}
      <main id="content" class="shell-content" tabIndex={-1}>
        <ErrorBoundary sentence="This page couldn't be shown.">{children}</ErrorBoundary>
      </main>
      <Toasts />
      <Announcer />
    </div>
  );
}

/** The inbox's count and the user's menu, for the header of a page that the server draws. */
export function ShellTools({ user, page }: { user: User; page: string }) {
  useTitle(page);
  useEffect(watchWaiting, []);
  return (
    <>
      <PerformanceLink />
      <InboxLink />
      <UserMenu user={user} />
      <Toasts />
      <Announcer />
    </>
  );
}

function Breadcrumb({ crumbs }: { crumbs: Crumb[] }) {
  const parent = crumbs.at(-2);
  return (
    <nav class="breadcrumb" aria-label="Breadcrumb">
      <a class="brand" href="/">
        Workroom
      </a>
      {parent && (
        <a class="icon-button back-arrow" href={parent.href ?? "/"} aria-label={`Back to ${parent.label}`}>
          <Icon name="back" />
        </a>
      )}
      <ol class="plain crumbs">
        {crumbs.map((crumb, index) => (
          <li key={index} class="clip" aria-current={index === crumbs.length - 1 ? "page" : undefined}>
            {crumb.href ? <a href={crumb.href}>{crumb.label}</a> : <span title={crumb.label}>{crumb.label}</span>}
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** On phones it is in the user's menu. */
function PerformanceLink() {
  return (
    <a class="icon-button inbox-link performance-link" href="/performance/" aria-label="Performance" title="Performance (g p)">
      <Icon name="gauge" />
      <span class="inbox-word">Performance</span>
    </a>
  );
}

function InboxLink() {
  const count = useValue(waiting);
  const words = count ? `Inbox, ${plural(count, "request")} waiting for you` : "Inbox";
  return (
    <a class={classes("icon-button inbox-link", count > 0 && "waiting")} href="/inbox/" aria-label={words} title={`${words} (g i)`}>
      <Icon name="inbox" />
      <span class="inbox-word">Inbox</span>
      {count > 0 && <span class="inbox-count num">{count > 99 ? "99+" : count}</span>}
    </a>
  );
}

const SHOWN = 5;

function WhoIsHere({ users, total, me }: { users: User[]; total: number; me: User }) {
  const box = useRef<HTMLDetailsElement>(null);
  useLightDismiss(box);
  if (users.length === 0) return null;
  const shown = users.slice(0, SHOWN);
  const rest = total - shown.length;
  return (
    <details ref={box} class="presence">
      <summary aria-label={`Here now: ${users.map((user) => user.username).join(", ")}`} title="Who is here">
        {shown.map((user) => (
          <Avatar key={user.id} user={user} decorative />
        ))}
        {rest > 0 && <span class="presence-more num">+{rest}</span>}
      </summary>
      <ul class="plain presence-list">
        {[...users].sort(peopleFirst).map((user) => (
          <li key={user.id} class="row">
            <Avatar user={user} small decorative />
            <span class="clip">{user.username}</span>
            <span class="meta">{describe(user, me)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

function describe(user: User, me: User): string {
  if (user.id === me.id) return "you";
  return user.kind === "agent" ? "agent" : "";
}

function peopleFirst(a: User, b: User): number {
  return Number(a.kind === "agent") - Number(b.kind === "agent");
}
