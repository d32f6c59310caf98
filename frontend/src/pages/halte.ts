import { mount } from "svelte";
import Halte from "./Halte.svelte";
import { element } from "./mounting";
import "../style/style.css";

mount(Halte, { target: element("page") });
