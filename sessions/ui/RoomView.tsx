/** The room of a work session: a page of its own, or a drawer beside a board. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { ConnectionBanner, type Link, NoAccess } from "../../project/ui/Connection";
import { loadDraft } from "../../project/ui/drafts";
import { asCommandError } from "../../project/ui/errors";
import { KeysDialog } from "../../project/ui/KeysDialog";
import { explain } from "../../project/ui/microcopy";
import { ModelNotice } from "../../project/ui/ModelNotice";
import { useSelected, useValue } from "../../project/ui/observable";
import { type Crumb, Shell } from "../../project/ui/Shell";
import type { AgentInfo } from "../../project/ui/wire";
import { AnswersContext } from "./answering";
import { finishedRun } from "./blocks";
import { RoomContext, type RoomTools, useRoom, useRoomState } from "./context";
import { FoldsContext } from "./folds";
import { Foot } from "./Foot";
import { KEYS, useRoomKeys } from "./keys";
import { fetchSnapshot, RoomModel } from "./model";
import { Rail, Strip } from "./Rail";
import { RoomHead } from "./RoomHead";
import { markSeen } from "./seen";
import { Stream } from "./Stream";
import type { CardRef, SessionSnapshot } from "./types";
import { RoomUi } from "./ui_state";
import "./room.css";
import "./foot.css";
import "./message.css";
import "./run.css";
import "./work.css";

export interface RoomProps {
  sessionId: string;
  /** Where the page has it already; fetched otherwise. */
  snapshot?: SessionSnapshot;
  /** Beside a board: the board's connection. Then the room has no shell of its own, and always the narrow layout. */
  beside?: Link;
  boardName?: string | null;
  card?: CardRef | null;
  agents?: AgentInfo[];
  onClose?: () => void;
}

export function Room(props: RoomProps) {
  const { sessionId, snapshot } = props;
  const [fetched, setFetched] = useState<SessionSnapshot | null>(snapshot ?? null);
  const [error, setError] = useState<string | null>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (snapshot) return;
    const leaving = new AbortController();
    setFetched(null);
    setError(null);
    fetchSnapshot(sessionId, leaving.signal).then(setFetched, (cause: unknown) => {
      if (!leaving.signal.aborted) setError(explain(asCommandError(cause), { noun: "room" }));
    });
    return () => leaving.abort();
  }, [sessionId, tries]);
  if (error) return <LoadError reason={error} onRetry={() => setTries(tries + 1)} onClose={props.onClose} />;
  if (!fetched) return <Loading />;
  return <Loaded key={fetched.state.session.id} {...props} snapshot={fetched} />;
}

function Loading() {
  return (
    <div class="room loading" role="status" aria-label="Loading the room">
      <div class="grey-line head" />
      <div class="grey-line" />
      <div class="grey-line" />
      <div class="grey-line short" />
    </div>
  );
}

function LoadError({ reason, onRetry, onClose }: { reason: string; onRetry(): void; onClose: (() => void) | undefined }) {
  return (
    <section class="room room-error" role="alert">
      <h2>The room couldn't be loaded.</h2>
      <p class="muted">{reason}</p>
      <div class="row">
        <button type="button" class="button primary" onClick={onRetry}>
          Retry
        </button>
        {onClose && (
          <button type="button" class="button" onClick={onClose}>
            Close
          </button>
        )}
      </div>
    </section>
  );
}

function Loaded(props: RoomProps & { snapshot: SessionSnapshot }) {
  const model = useMemo(() => new RoomModel(props.snapshot), []);
  const ui = useMemo(() => new RoomUi(), []);
  useEffect(() => {
    model.start();
    return () => model.stop();
  }, []);
  const tools: RoomTools = {
    model,
    ui,
    embedded: props.beside !== undefined,
    boardName: props.boardName ?? null,
    card: props.card ?? null,
    agents: props.agents ?? [],
    onClose: props.onClose,
  };
  return (
    <RoomContext.Provider value={tools}>
      <AnswersContext.Provider value={model}>
        <FoldsContext.Provider value={ui}>{props.beside ? <Drawer beside={props.beside} /> : <Page />}</FoldsContext.Provider>
      </AnswersContext.Provider>
    </RoomContext.Provider>
  );
}

function useCrumbs(): Crumb[] {
  const { boardName, card } = useRoom();
  const session = useRoomState((state) => state.session);
  const crumbs: Crumb[] = [{ label: "Boards", href: "/" }];
  if (session.board && boardName) crumbs.push({ label: boardName, href: `/boards/${session.board}/` });
  if (session.board && card) crumbs.push({ label: `#${card.number}`, href: `/boards/${session.board}/cards/${card.number}/` });
  return [...crumbs, { label: session.title }];
}

function Page() {
  const { model, ui } = useRoom();
  const present = useValue(model.here.shown);
  const crumbs = useCrumbs();
  return (
    <Shell user={model.me} crumbs={crumbs} link={model.socket} present={present} onShortcuts={() => ui.helpOpen.set(true)}>
      <Body />
    </Shell>
  );
}

/** What the page says of its connection needs no second banner; once it is back, so is the room. */
function Drawer({ beside }: { beside: Link }) {
  const { model } = useRoom();
  const { socket } = model;
  const page = useSelected(beside.state, (state) => state.kind);
  const own = useSelected(socket.state, (state) => state.kind);
  useEffect(() => {
    if (page === "live") socket.retryNow();
  }, [page]);
  return (
    <>
      {own !== page && <ConnectionBanner link={socket} />}
      <Body />
    </>
  );
}

function Body() {
  const { model, ui, embedded } = useRoom();
  const help = useValue(ui.helpOpen);
  const denied = useSelected(model.socket.state, (state) => state.kind === "no_access");
  const hasRuns = useRoomState((state) => Object.keys(state.runs).length > 0);
  const finished = useRoomState((state) => finishedRun(state.runs));
  useRoomKeys();
  useEffect(() => {
    if (finished) markSeen(finished);
  }, [finished]);
  if (denied) {
    const draft = loadDraft(model.id, "message");
    return <NoAccess noun="room" unsent={[...model.pending.get().map((message) => message.content), ...(draft ? [draft] : [])]} />;
  }
  return (
    <div class={embedded ? "room embedded" : "room"} data-room tabIndex={-1}>
      <div class="room-main">
        <div class="room-top">
          <RoomHead />
          <Strip />
        </div>
        <ModelNotice folded={embedded || hasRuns} />
        <Stream />
        <Foot />
      </div>
      {!embedded && <Rail />}
      {help && <KeysDialog keys={KEYS} onClose={() => ui.helpOpen.set(false)} />}
    </div>
  );
}
