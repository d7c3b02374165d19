/** The frame of every signed-in page: skip link, header, banner, content, live region, toast. */
import type { ComponentChildren } from "preact";
import { Announcer } from "./announcer";
import { Avatar } from "./avatar";
import { ConnectionBadge, ConnectionBanner } from "./Connection";
import { ErrorBoundary } from "./ErrorBoundary";
import { Icon } from "./icons";
import type { StreamSocket } from "./socket";
import { Toasts } from "./toast";
import { UserMenu } from "./UserMenu";
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
  socket?: StreamSocket;
  present?: { users: User[]; total: number };
  /** Search, filters or a chip beside the breadcrumb. */
  slot?: ComponentChildren;
  onShortcuts?: () => void;
  children: ComponentChildren;
}

export function Shell({ user, crumbs, socket, present, slot, onShortcuts, children }: Props) {
  return (
    <div class="shell">
      <a class="skip-link" href="#content">
        Skip to content
      </a>
      <header class="shell-header">
        <Breadcrumb crumbs={crumbs} />
        <div class="shell-slot">{slot}</div>
        {socket && <ConnectionBadge socket={socket} />}
        {present && <WhoIsHere {...present} me={user} />}
        {onShortcuts && (
          <button type="button" class="icon-button shortcuts-hint" aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)" onClick={onShortcuts}>
            <kbd>?</kbd>
          </button>
        )}
        <UserMenu user={user} />
      </header>
      {socket && <ConnectionBanner socket={socket} />}
      <main id="content" class="shell-content" tabIndex={-1}>
        <ErrorBoundary sentence="This page couldn't be shown.">{children}</ErrorBoundary>
      </main>
      <Toasts />
      <Announcer />
    </div>
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

const SHOWN = 5;

function WhoIsHere({ users, total, me }: { users: User[]; total: number; me: User }) {
  if (users.length === 0) return null;
  const shown = users.slice(0, SHOWN);
  const rest = total - shown.length;
  return (
    <details class="presence">
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
