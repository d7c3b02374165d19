/** The stylesheets every page shares, in the order they build on each other. */
import "./tokens.css";
import "./base.css";
import "./layers.css";
import "./shell.css";
