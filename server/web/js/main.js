// The page: header, connection and key; then the tab that the address names.
import { install as connection } from "./connection.js";
import { install as dialogs } from "./dialogs.js";
import { install as engines } from "./engines.js";
import { install as keys } from "./key.js";
import { install as tabs } from "./tabs.js";
import { install as theme } from "./theme.js";

theme();
connection();
dialogs();
keys();
tabs();
engines();
