import { mount } from "svelte";
import Home from "./Home.svelte";
import { element } from "./mounting";
import "../style/style.css";

mount(Home, { target: element("page") });
