/** Every board this user may open, kept fresh whenever the page is looked at. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { listAll } from "../../project/ui/api";
import type { ConnectionState } from "../../project/ui/connection_state";
import { Icon } from "../../project/ui/icons";
import { usePageKeys } from "../../project/ui/KeysDialog";
import { useSelected } from "../../project/ui/observable";
import { pageData } from "../../project/ui/page";
import { Poller } from "../../project/ui/poll";
import { Shell } from "../../project/ui/Shell";
import { plural } from "../../project/ui/text";
import { Time } from "../../project/ui/time";
import { NewBoard } from "./NewBoard";
import type { BoardRow, BoardsPageData } from "./types";
import "./boards.css";

const EVERY_MS = 20_000;

/** The boards, kept true while the page is looked at. */
function useBoards() {
  const [boards, setBoards] = useState(pageData<BoardsPageData>().boards.results);
  const poller = useMemo(() => new Poller(async (signal) => setBoards(await listAll<BoardRow>("boards/", signal)), EVERY_MS), []);
  useEffect(() => {
    poller.start();
    return () => poller.stop();
  }, []);
  return { boards, poller, trouble: useSelected(poller.state, (state) => TROUBLES[state.kind] ?? null) };
}

type Trouble = "unreachable" | "signed_out";

const TROUBLES: Partial<Record<ConnectionState["kind"], Trouble>> = { offline: "unreachable", signed_out: "signed_out" };

export function BoardsPage() {
  const { user } = pageData<BoardsPageData>();
  const { boards, poller, trouble } = useBoards();
  const [creating, setCreating] = useState(false);
  const { showKeys, keysDialog } = usePageKeys();
  return (
    <Shell user={user} crumbs={[{ label: "Boards" }]} onShortcuts={showKeys}>
      <div class="boards">
        <div class="boards-head">
          <h1 class="page-title">Boards</h1>
          {!creating && (
            <button type="button" class="button primary" onClick={() => setCreating(true)}>
              <Icon name="add" /> New board
            </button>
          )}
        </div>
        {creating && <NewBoard onClose={() => setCreating(false)} />}
        {trouble && <TroubleNote trouble={trouble} onRetry={poller.retryNow} />}
        {boards.length === 0 && !creating && !trouble && <p class="boards-empty">No boards yet. Make one, or ask an owner to add you.</p>}
        <ul class="plain board-rows">
          {boards.map((board) => (
            <Row key={board.id} board={board} />
          ))}
        </ul>
      </div>
      {keysDialog}
    </Shell>
  );
}

function TroubleNote({ trouble, onRetry }: { trouble: Trouble; onRetry(): void }) {
  return (
    <div class="note tone-danger" role="alert">
      <Icon name="error" />
      <span class="grow">{trouble === "signed_out" ? "Your sign-in has ended." : "Boards couldn't be loaded."}</span>
      {trouble === "signed_out" ? (
        <a class="button small" href="/accounts/login/?next=/">
          Sign in
        </a>
      ) : (
        <button type="button" class="button small" onClick={onRetry}>
          Retry
        </button>
      )}
    </div>
  );
}

function Row({ board }: { board: BoardRow }) {
  return (
    <li>
      <a class="board-row" href={`/boards/${board.id}/`}>
        <span class="board-name">
          <span class="clip">{board.name}</span>
          {board.description && <span class="board-description meta clip">{board.description}</span>}
        </span>
        <span class="board-counts">
          {board.open_requests > 0 && (
            <span class="chip tone-warn">
              <Icon name="wait" /> {board.open_requests} waiting{board.role !== "viewer" && " for you"}
            </span>
          )}
          {board.active_runs > 0 && (
            <span class="chip tone-agent">
              <Icon name="agent" /> {board.active_runs} at work
            </span>
          )}
          <span class="num">{plural(board.card_count, "card")}</span>
          <span class="board-role muted">{board.role}</span>
          <Time at={board.updated} class="meta board-updated" />
        </span>
      </a>
    </li>
  );
}
