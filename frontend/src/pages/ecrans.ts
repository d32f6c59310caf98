import Home from "./Home.svelte";
import { open } from "./opening";
import "../style/style.css";

open(Home, "ecrans");
