/** Entry of a work session's page. */
import { mount } from "../../project/ui/mount";
import { pageData } from "../../project/ui/page";
import { Room } from "./RoomView";
import type { RoomPageData } from "./types";

const page = pageData<RoomPageData>();
mount(
  <Room
    sessionId={page.snapshot.state.session.id}
    snapshot={page.snapshot}
    boardName={page.board_name}
    card={page.card}
    agents={page.agents}
  />,
);
