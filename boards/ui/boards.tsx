/** Entry of the boards list. */
import { mount } from "../../project/ui/mount";
import { BoardsPage } from "./BoardsPage";

mount(<BoardsPage />);
