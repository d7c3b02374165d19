/** The rows of the inbox, and the page data it starts from. */
import type { BasePageData } from "../../project/ui/page";
import type { Page, User } from "../../project/ui/wire";
import type { CardRef, Request } from "../../sessions/ui/types";

export interface InboxRow {
  request: Request;
  board: { id: string; name: string } | null;
  card: CardRef | null;
  session: { id: string; title: string };
  may_answer: boolean;
  ended: string | null;
  /** Other arguments were approved than were asked for. */
  with_changes: boolean;
}

export interface InboxPageData extends BasePageData {
  user: User;
  open: Page<InboxRow>;
  ended: Page<InboxRow>;
}
