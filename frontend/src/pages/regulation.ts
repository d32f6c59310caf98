import { mount } from "svelte";
import { element } from "./mounting";
import Regulation from "./Regulation.svelte";
import "../style/style.css";

mount(Regulation, { target: element("page") });
