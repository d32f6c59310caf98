import { mount } from "svelte";
import Admin from "./Admin.svelte";
import { element } from "./mounting";
import "../style/style.css";

mount(Admin, { target: element("page") });
