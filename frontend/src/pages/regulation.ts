import { open } from "./opening";
import Regulation from "./Regulation.svelte";
import "../style/style.css";

open(Regulation, "regulation");
