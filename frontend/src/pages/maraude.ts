import Maraude from "./Maraude.svelte";
import { open } from "./opening";
import "../style/style.css";

open(Maraude, "maraude");
