/** Shapes of PROTOCOL.md that every page shares; objects of one app live beside that app. */

export interface User {
  id: string;
  username: string;
  kind: "human" | "agent";
}

export type Role = "viewer" | "editor" | "owner";

/** The `error` object of REST answers, refused replies and error frames. */
export interface WireError {
  code: string;
  message: string;
  fields?: Record<string, string[]>;
  data?: Record<string, unknown>;
}

export interface StreamEvent {
  type: string;
  seq: number;
  id: string;
  stream: string;
  timestamp: number;
  actor: User | null;
  ref: string | null;
  data: Record<string, unknown>;
  category?: string;
  ui_hint?: { component: string; priority: string; collapsible: boolean };
}

export interface Limits {
  frame_bytes: number;
  text_chars: number;
  event_bytes: number;
  commands_per_s: number;
  commands_burst: number;
  ack_events: number;
  ack_bytes: number;
  replay_events: number;
}

export interface Hello {
  protocol: number;
  stream: string;
  epoch: string;
  seq: number;
  floor: number;
  user: User;
  role: Role;
  heartbeat_s: number;
  limits: Limits;
}

export interface PresentUser extends User {
  connections: number;
  /** Id of the card this person has open. */
  viewing: string | null;
}

export interface Presence {
  users: PresentUser[];
  total: number;
}

export interface ModelInfo {
  configured: boolean;
  adapter: string;
  name: string | null;
}

/** One row of GET agents/. */
export interface AgentInfo {
  id: string;
  username: string;
  workflows: string[];
  model: { adapter: string; name: string | null } | null;
  available: boolean;
  reason: string | null;
}

export interface Page<T> {
  results: T[];
  next: string | null;
}
