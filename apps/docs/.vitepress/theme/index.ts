import TwoslashFloatingVue from "@shikijs/vitepress-twoslash/client";
import type { Theme } from "vitepress";
import DefaultTheme from "vitepress/theme-without-fonts";
import "@shikijs/vitepress-twoslash/style.css";
import "virtual:colours.css";
import "./style.css";
import "./figures.css";
import "../../drawings/drawings.css";
import { LessonFigure } from "./lesson-figure.ts";
import { MessageFinder } from "./message-finder.ts";

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.use(TwoslashFloatingVue);
    app.component("LessonFigure", LessonFigure);
    app.component("MessageFinder", MessageFinder);
  },
} satisfies Theme;
