/** The whole board page: shell, toolbar, columns, card panel, dialogs. */
import { NoAccess } from "../../project/ui/Connection";
import { useSelected, useValue } from "../../project/ui/observable";
import { Shell } from "../../project/ui/Shell";
import { ActivityStrip } from "./ActivityStrip";
import { BoardContext, useBoard, useUi, useView } from "./context";
import { Columns } from "./Columns";
import { Dialogs } from "./Dialogs";
import { useLists } from "./lists";
import type { BoardModel } from "./model";
import { CardPanel } from "./panel/CardPanel";
import { RoomDrawer } from "./RoomDrawer";
import { Side } from "./Side";
import { Toolbar } from "./Toolbar";
import type { BoardUi } from "./ui_state";
import { unsentTexts } from "./unsent";
import "./board.css";
import "./card.css";
import "./panel/panel.css";

export function BoardApp({ model, ui }: { model: BoardModel; ui: BoardUi }) {
  return (
    <BoardContext.Provider value={{ model, ui }}>
      <Page />
    </BoardContext.Provider>
  );
}

function Page() {
  const { model, ui } = useBoard();
  const name = useView((view) => view.state.board.name);
  const deleted = useView((view) => view.state.deleted);
  const present = useValue(model.presence);
  const denied = useSelected(model.socket.state, (state) => state.kind === "no_access");
  return (
    <Shell
      user={model.me}
      crumbs={[{ label: "Boards", href: "/" }, { label: name }]}
      link={model.socket}
      present={present}
      onShortcuts={() => ui.patch({ dialog: { kind: "help" } })}
    >
      {deleted || denied ? <NoAccess noun="board" unsent={unsentTexts(model.state)} /> : <BoardBody />}
    </Shell>
  );
}

/** Links to cards of this board, in reports and descriptions, open the card here instead of loading the page again. */
function useCardLinks(): (event: MouseEvent) => void {
  const { model, ui } = useBoard();
  const address = new RegExp(`^/boards/${model.id}/cards/(\\d+)/$`);
  return (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const number = link?.origin === location.origin ? address.exec(link.pathname)?.[1] : undefined;
    if (number === undefined) return;
    event.preventDefault();
    ui.openCard(Number(number));
  };
}

function BoardBody() {
  const { ui } = useBoard();
  const onClick = useCardLinks();
  const lists = useLists();
  const room = useUi((state) => state.room);
  const panel = useUi((state) => state.panel);
  return (
    <div class="board-page" onClick={onClick}>
      <div class="board-main">
        <Toolbar lists={lists} />
        <Columns lists={lists} />
        <ActivityStrip />
      </div>
      {room !== null && <RoomDrawer session={room} />}
      {panel !== null && room === null && (
        <Side label="Card" onClose={() => ui.closeCard()}>
          <CardPanel key={panel} number={panel} />
        </Side>
      )}
      <Dialogs lists={lists} />
    </div>
  );
}
