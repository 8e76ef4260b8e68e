import type { Plugin } from "vite";
import { PLAYGROUND, themes } from "./themes.ts";

const ID = "virtual:colours.css";

/** The playground's colours, light and dark, as a style sheet `virtual:colours.css`: one design, in one place. */
export function colours(): Plugin {
  return {
    name: "colours",
    resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
    load(id) {
      if (id !== `\0${ID}`) return;
      this.addWatchFile(PLAYGROUND);
      const { light, dark } = themes();
      // VitePress sets a class, as readers may choose.
      return `:root {${light}}\n.dark {${dark}}\n`;
    },
  };
}
