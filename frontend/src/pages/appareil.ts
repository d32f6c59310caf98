import { mount } from "svelte";
import Appareil from "./Appareil.svelte";
import { element } from "./mounting";
import "../style/style.css";

mount(Appareil, { target: element("page") });
