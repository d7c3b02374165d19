/** The board's objects of PROTOCOL §5, and the places and pages built from them. */
import type { BasePageData } from "../../project/ui/page";
import type { AgentInfo, Role, StreamEvent, User } from "../../project/ui/wire";

export interface Board {
  id: string;
  name: string;
  description: string;
  created: string;
  updated: string;
}

export interface BoardRow extends Board {
  role: Role;
  card_count: number;
  active_runs: number;
  open_requests: number;
}

export interface Member {
  user: User;
  role: Role;
  created: string;
}

export interface Column {
  id: string;
  board: string;
  name: string;
  rank: number;
  wip_limit: number | null;
}

export type RunStatus = "queued" | "running" | "waiting" | "cancelling" | "completed" | "failed" | "cancelled";

/** A run as its card shows it. */
export interface CardRun {
  id: string;
  session: string;
  agent: User | string;
  status: RunStatus;
  progress: { done: number; total: number } | null;
  position: number | null;
  open_requests: number;
  retry_at: string | number | null;
  finished: string | null;
}

export interface ChecklistItem {
  id: string;
  text: string;
  done: boolean;
}

interface CardBase {
  id: string;
  board: string;
  column: string;
  number: number;
  title: string;
  assignee: User | null;
  labels: string[];
  due: string | null;
  rank: number;
  version: number;
  archived: boolean;
  comment_count: number;
  session_count: number;
  run: CardRun | null;
  created: string;
  updated: string;
  updated_by: User;
}

export interface Card extends CardBase {
  has_description: boolean;
  checklist_done: number;
  checklist_total: number;
}

export interface FullCard extends CardBase {
  description: string;
  /** Null in events that would be too large with it. */
  html: string | null;
  checklist: ChecklistItem[];
}

export interface Comment {
  id: string;
  card: string;
  author: User;
  content: string;
  /** Null in events that would be too large with it. */
  html: string | null;
  created: string;
  updated: string;
}

export interface Snapshot {
  stream: string;
  epoch: string;
  seq: number;
  me: { user: User; role: Role };
  state: { board: Board; columns: Column[]; cards: Card[]; members: Member[] };
}

/** A place in a column, as commands name it: exactly one key, or none for the end. */
export interface Place {
  after?: string | null;
  before?: string | null;
}

export interface AgentActivity {
  session: string;
  run: string;
  card: string | null;
  event: StreamEvent;
}

export interface BoardsPageData extends BasePageData {
  user: User;
  boards: { results: BoardRow[]; next: string | null };
}

export interface BoardPageData extends BasePageData {
  user: User;
  snapshot: Snapshot;
  agents: AgentInfo[];
  card_number: number | null;
}
