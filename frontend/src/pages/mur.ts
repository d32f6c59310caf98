import { mount } from "svelte";
import { element } from "./mounting";
import Wall from "./Wall.svelte";
import "../style/style.css";

mount(Wall, { target: element("page") });
