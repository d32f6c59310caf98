import Connexion from "./Connexion.svelte";
import { open } from "./opening";
import "../style/style.css";

open(Connexion, "connexion");
