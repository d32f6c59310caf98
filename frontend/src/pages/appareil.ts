import Appareil from "./Appareil.svelte";
import { open } from "./opening";
import "../style/style.css";

open(Appareil, "appareil");
