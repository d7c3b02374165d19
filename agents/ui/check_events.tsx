/** The page that checks events works without a script; this brings its styles, the inbox's count and the user's menu. */
import { render } from "preact";
import { pageData } from "../../project/ui/page";
import { loadPreferences } from "../../project/ui/prefs";
import { ShellTools } from "../../project/ui/Shell";
import "./check_events.css";

loadPreferences();
const { user } = pageData();
const place = document.querySelector("#shell-tools");
if (user && place) render(<ShellTools user={user} page="Check events" />, place);
