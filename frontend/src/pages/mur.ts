import { open } from "./opening";
import Wall from "./Wall.svelte";
import "../style/style.css";

open(Wall, "mur");
