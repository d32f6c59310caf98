import Halte from "./Halte.svelte";
import { open } from "./opening";
import "../style/style.css";

open(Halte, "halte");
