/** The page that checks events works without a script; this brings its styles. */
import "../../project/ui/styles";
import "./check_events.css";
