// Writes `docs/drawings`. Usage: node --import tsx apps/docs/scripts/drawings.ts
import { mkdirSync, writeFileSync } from "node:fs";
import { allDrawings } from "../drawings/all.ts";

const folder = new URL("../../../docs/drawings/", import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, svg] of Object.entries(allDrawings())) writeFileSync(new URL(name, folder), svg);
