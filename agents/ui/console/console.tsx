/** Entry of the console. */
import { mount } from "../../../project/ui/mount";
import { pageData } from "../../../project/ui/page";
import { ConsolePage, type ConsolePageData } from "./ConsolePage";

mount(<ConsolePage page={pageData<ConsolePageData>()} />);
