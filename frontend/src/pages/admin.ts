import Admin from "./Admin.svelte";
import { open } from "./opening";
import "../style/style.css";

open(Admin, "admin");
