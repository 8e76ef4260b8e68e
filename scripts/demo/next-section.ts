import { escapeHtml } from "./html.ts";

const steps: readonly (readonly [title: string, command: string])[] = [
  ["This page of your own photographs", "npm run demo -- my/*.jpg"],
  ["Labels in the terminal, or as JSON", "npx mobilenets classify my/*.jpg --json"],
  ["Features of a whole folder", "npx mobilenets extract my-photos --out features"],
  ["The most similar photographs, as a page", "npx mobilenets similar features --html similar.html"],
  ["Your own classes, from a folder of pictures for each", "npx mobilenets train my-classes --out run"],
  ["What the network computes, layer by layer", "npx mobilenets explain --html lesson.html"],
];

/** Next steps with the user's own pictures. */
export const nextSection = `<section>
  <h2>Now with your own</h2>
  <dl class="next">
    ${steps.map(([title, command]) => `<dt>${escapeHtml(title)}</dt><dd><code>${escapeHtml(command)}</code></dd>`).join("\n    ")}
  </dl>
  <p>In code it is <code>load()</code>, then <code>classify()</code>, <code>embed()</code> or <code>features()</code>, in Node
  and in pages: README.md begins with that.</p>
</section>`;
