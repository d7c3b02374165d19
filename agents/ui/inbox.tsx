/** Entry of the inbox. */
import { mount } from "../../project/ui/mount";
import { pageData } from "../../project/ui/page";
import { InboxPage } from "./InboxPage";
import { InboxModel } from "./model";
import type { InboxPageData } from "./types";

mount(<InboxPage model={new InboxModel(pageData<InboxPageData>())} />);
