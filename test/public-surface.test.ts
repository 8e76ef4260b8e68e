import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";

const root = fileURLToPath(new URL("../packages/mobilenets/", import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const doors = Object.entries(manifest.exports as Record<string, { source?: string }>).flatMap(([name, { source }]) =>
  source ? [[name, join(root, source)] as const] : [],
);

interface Name {
  readonly name: string;
  /** The file that declares it. */
  readonly file: string;
}

/** What a file of re-exports hands on; a file of declarations, what it declares. */
function namesOf(file: string): Name[] {
  const text = readFileSync(file, "utf8");
  const handedOn = [...text.matchAll(/^export (?:type )?\{([^}]*)\} from "([^"]+)";/gms)].flatMap(([, list, from]) =>
    list
      .split(",")
      .map((entry) => entry.trim().replace(/^type /, ""))
      .filter((entry) => entry !== "")
      .map((entry) => ({ name: entry.split(" as ")[0], file: join(dirname(file), from) })),
  );
  const declared = [...text.matchAll(/^export (?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm)];
  return [...handedOn, ...declared.map(([, name]) => ({ name, file }))];
}

function hasDocstring({ name, file }: Name): boolean {
  const text = readFileSync(file, "utf8");
  return new RegExp(`\\*/\\nexport (?:async )?(?:function\\*?|const|class|interface|type) ${name}\\b`).test(text);
}

test("the doors are few and the first is narrow", () => {
  assert.deepEqual(
    doors.map(([name]) => name),
    [
      ".",
      "./graph",
      "./weights",
      "./train",
      "./search",
      "./standalone",
      "./labels",
      "./worker",
      "./worker/thread",
      "./compat/tfjs-models",
      "./compat/ml5",
      "./compat/teachablemachine",
      "./store",
    ],
  );
  const [[, main]] = doors;
  const count = namesOf(main).length;
  assert.ok(count <= 40, `${count} names in the main door: what few people need goes to another`);
});

/** Of a worker, which is started and not called. */
const SCRIPT = "./worker/thread";

for (const [door, file] of doors.filter(([name]) => name !== SCRIPT)) {
  test(`every name of ${door} has a docstring`, () => {
    const names = namesOf(file);
    assert.ok(names.length > 0);
    assert.deepEqual(
      names.filter((name) => !hasDocstring(name)).map(({ name }) => name),
      [],
    );
  });
}

test("no declaration file carries data", () => {
  const declarations = globSync("dist/**/*.d.ts", { cwd: root });
  assert.ok(declarations.length > 30);
  for (const name of declarations) {
    const { length } = readFileSync(join(root, name), "utf8");
    assert.ok(length < 15_000, `${name} has ${length} characters`);
  }
});
