import { mount } from "svelte";
import Connexion from "./Connexion.svelte";
import { element } from "./mounting";
import "../style/style.css";

mount(Connexion, { target: element("page") });
