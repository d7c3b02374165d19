/** Entry of the board page. */
import { mount } from "../../project/ui/mount";
import { pageData } from "../../project/ui/page";
import { BoardApp } from "./BoardApp";
import { BoardModel } from "./model";
import type { BoardPageData } from "./types";
import { BoardUi } from "./ui_state";

const page = pageData<BoardPageData>();
const model = new BoardModel(page);
const ui = new BoardUi(model.id, page.card_number);
mount(<BoardApp model={model} ui={ui} />);
// A board that was made a moment ago opens with the quick add of its first column.
if (new URLSearchParams(location.search).has("add")) {
  history.replaceState(null, "", location.pathname);
  ui.patch({ adding: page.snapshot.state.columns[0]?.id ?? null });
}
model.socket.start();
