import { mount } from "svelte";
import Maraude from "./Maraude.svelte";
import { element } from "./mounting";
import "../style/style.css";

mount(Maraude, { target: element("page") });
