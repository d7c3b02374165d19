/** Every board this user may open, kept fresh whenever the page is looked at. */
import { useEffect, useState } from "preact/hooks";
import { listAll } from "../../project/ui/api";
import { asCommandError } from "../../project/ui/errors";
import { Icon } from "../../project/ui/icons";
import { pageData } from "../../project/ui/page";
import { Shell } from "../../project/ui/Shell";
import { plural } from "../../project/ui/text";
import { Time } from "../../project/ui/time";
import { NewBoard } from "./NewBoard";
import type { BoardRow, BoardsPageData } from "./types";
import "./boards.css";

type Trouble = "unreachable" | "signed_out" | null;

function useBoards(): { boards: BoardRow[]; trouble: Trouble; refresh(): void } {
  const { boards: first } = pageData<BoardsPageData>();
  const [boards, setBoards] = useState(first.results);
  const [trouble, setTrouble] = useState<Trouble>(null);
  const refresh = () => {
    if (document.visibilityState === "hidden") return;
    listAll<BoardRow>("boards/").then(
      (rows) => {
        setBoards(rows);
        setTrouble(null);
      },
      (cause: unknown) => setTrouble(asCommandError(cause).code === "not_authenticated" ? "signed_out" : "unreachable"),
    );
  };
  useEffect(() => {
    if (first.next) refresh();
    const events: [EventTarget, string][] = [
      [window, "focus"],
      [window, "pageshow"],
      [document, "visibilitychange"],
    ];
    for (const [target, name] of events) target.addEventListener(name, refresh);
    return () => {
      for (const [target, name] of events) target.removeEventListener(name, refresh);
    };
  }, []);
  return { boards, trouble, refresh };
}

export function BoardsPage() {
  const { user } = pageData<BoardsPageData>();
  const { boards, trouble, refresh } = useBoards();
  const [creating, setCreating] = useState(false);
  return (
    <Shell user={user} crumbs={[{ label: "Boards" }]}>
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
        {trouble && <TroubleNote trouble={trouble} onRetry={refresh} />}
        {boards.length === 0 && !creating && !trouble && <p class="boards-empty">No boards yet. Make one, or ask an owner to add you.</p>}
        <ul class="plain board-rows">
          {boards.map((board) => (
            <Row key={board.id} board={board} />
          ))}
        </ul>
      </div>
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
              <Icon name="wait" /> {board.open_requests} waiting for you
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
