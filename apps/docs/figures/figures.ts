import { type Language, speak } from "../../playground/src/language.ts";
import { exampleSection } from "../../playground/src/why/example.ts";
import { linearSection } from "../../playground/src/why/linear.ts";
import { networkSections } from "../../playground/src/why/network.ts";
import { functionsSection } from "./functions.ts";

export const figureNames = ["convolutions", "network", "block", "linear", "gate", "functions"] as const;
export type FigureName = (typeof figureNames)[number];

let made: { readonly language: Language; readonly figures: Record<FigureName, HTMLElement> } | undefined;

/** The playground's figures, each with the network that the lesson speaks of there. */
export function makeFigures(language: Language): Record<FigureName, HTMLElement> {
  if (made?.language === language) return made.figures;
  speak(language);
  const figures = {
    convolutions: exampleSection(),
    network: networkSections("mobilenet_v1").sizes,
    block: networkSections("mobilenet_v2").block,
    linear: linearSection(),
    gate: networkSections("mobilenet_v3_small").gate,
    functions: functionsSection(language),
  };
  made = { language, figures };
  return figures;
}
