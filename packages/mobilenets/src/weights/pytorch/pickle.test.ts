import assert from "node:assert/strict";
import { test } from "node:test";
import { WeightsError } from "../../errors.ts";
import {
  OpaqueObject,
  PickleCallable,
  type PickleHost,
  PickleObject,
  type PickleValue,
  showPickled,
  unpickle,
} from "./pickle.ts";

/** A pickle from parts: instruction bytes in hexadecimal, or plain text. */
function pickle(...parts: (string | { readonly text: string })[]): Uint8Array {
  return Buffer.concat(
    parts.map((part) =>
      typeof part === "string" ? Buffer.from(part.replaceAll(" ", ""), "hex") : Buffer.from(part.text),
    ),
  );
}

const short = (text: string) => [`8c ${Buffer.byteLength(text).toString(16).padStart(2, "0")}`, { text }] as const;

/** A host whose calls return their arguments. */
const echo: PickleHost = {
  global: (module, name) =>
    new (class extends PickleCallable {
      call(args: readonly PickleValue[]) {
        return [`${module}.${name}`, ...args];
      }
    })(),
  persistent: (id) => ["persistent", id],
};

const read = (...parts: (string | { readonly text: string })[]) => unpickle(pickle(...parts), "x.pth", echo);

function refuses(message: RegExp, ...parts: (string | { readonly text: string })[]): void {
  assert.throws(
    () => read(...parts),
    (error: unknown) => error instanceof WeightsError && message.test(error.message),
    `expected ${message}`,
  );
}

test("numbers, texts and constants", () => {
  assert.equal(read("8002 4b ff 2e"), 255);
  assert.equal(read("8002 4d 0102 2e"), 0x0201);
  assert.equal(read("8002 4a ffffffff 2e"), -1);
  assert.equal(read("8002 8a 00 2e"), 0);
  assert.equal(read("8002 8a 02 ff7f 2e"), 32767);
  assert.equal(read("8002 8a 01 ff 2e"), -1);
  assert.equal(read("8002 8a 05 0000000001 2e"), 2 ** 32);
  // Tensors never have such numbers; states of random generators do.
  assert.ok(read("8002 8a 09 000000000000000001 2e") instanceof OpaqueObject);
  assert.equal(read("8002 47 3fb999999999999a 2e"), 0.1);
  assert.equal(read("8002 4e 2e"), null);
  assert.deepEqual(read("8002 88 89 86 2e"), [true, false]);
  assert.equal(read("8002 58 04000000", { text: "grö" }, "2e"), "grö");
  assert.equal(read("8004 95 0400000000000000", ...short("模"), "94 2e"), "模");
});

test("lists, tuples and dicts", () => {
  assert.deepEqual(read("8002 5d 28 4b01 4b02 65 2e"), [1, 2]);
  assert.deepEqual(read("8002 5d 4b01 61 2e"), [1]);
  assert.deepEqual(read("8002 28 4b01 4b02 4b03 4b04 74 2e"), [1, 2, 3, 4]);
  assert.deepEqual(read("8002 29 85 2e"), [[]]);
  assert.deepEqual(read("8002 4b01 4b02 4b03 87 2e"), [1, 2, 3]);
  const dict = read("8002 7d", ...short("a"), "4b01 73 28", ...short("b"), "4b02", ...short("__proto__"), "4b03 75 2e");
  assert.deepEqual(
    dict,
    new Map<PickleValue, PickleValue>([
      ["a", 1],
      ["b", 2],
      ["__proto__", 3],
    ]),
  );
});

test("values are remembered under any number, and may hold themselves", () => {
  assert.deepEqual(read("8002 4b07 72 ffffffff 6a ffffffff 71 05 68 05 87 2e"), [7, 7, 7]);
  // MEMOIZE uses the number of memoised values.
  assert.deepEqual(read("8004 4b08 94 4b09 94 68 00 87 2e"), [8, 9, 8]);
  const list = read("8002 5d 71 00 68 00 61 2e") as PickleValue[];
  assert.equal(list[0], list);
  assert.equal(showPickled(list), "a list");
});

test("globals, calls and persistent ids go to the host", () => {
  assert.deepEqual(read("8002 63", { text: "os\nsystem\n" }, "4b01 85 52 2e"), ["os.system", 1]);
  assert.deepEqual(read("8004", ...short("a.b"), ...short("c"), "93 29 52 2e"), ["a.b.c"]);
  assert.deepEqual(read("8002", ...short("id"), "51 2e"), ["persistent", "id"]);
});

test("attributes of a dict are left out, others refused", () => {
  assert.deepEqual(read("8002 7d 7d", ...short("_metadata"), "7d 73 62 2e"), new Map());
  refuses(/a BUILD of something other than two dicts/, "8002 5d 7d 62 2e");
  refuses(/a BUILD of something other than two dicts/, "8002 7d 4b01 62 2e");
});

test("every other instruction is refused by its name", () => {
  const allowed = new Set(
    "80 95 4e 88 89 4b 4d 4a 8a 47 8c 58 5d 29 7d 28 74 85 86 87 61 65 73 75 71 72 94 68 6a 63 93 51 52 62 2e 81 43 42 8f 90 8b 8e 91 92 96".split(
      " ",
    ),
  );
  for (let opcode = 0; opcode < 256; opcode++) {
    const hex = opcode.toString(16).padStart(2, "0");
    if (allowed.has(hex)) continue;
    refuses(/the pickle instruction ([A-Z0-9_]+|0x..) at byte 2, expected those of plain data/, `8002 ${hex}`, {
      text: "os\nsystem\n".repeat(10),
    });
  }
  refuses(/instruction INST/, "8002 28 69", { text: "os\nsystem\n" }, "2e");
  refuses(
    /(a new object of a class that is not for weights|NEWOBJ|reference)/,
    "8002 63",
    { text: "a\nb\n" },
    "29 81 2e",
  );
  refuses(/torch\.save\(model\.state_dict\(\)/, "8002 69");
});

test("instructions that do not fit the stack are refused", () => {
  refuses(/without its operand/, "8002 2e");
  refuses(/without its operand/, "8002 28 2e");
  refuses(/without its operands/, "8002 4b01 86 2e");
  // A mark guards the values below it.
  refuses(/without its operands/, "8002 4b01 28 4b02 86 2e");
  refuses(/without its mark/, "8002 4b01 74 2e");
  refuses(/APPEND to something other than a list/, "8002 7d 4b01 61 2e");
  refuses(/SETITEM of something other than a dict/, "8002 5d 4b01 4b02 73 2e");
  refuses(/SETITEM/, "8002 7d 28 4b01 75 2e");
  refuses(/a REDUCE of something other than a function and arguments/, "8002 4b01 29 52 2e");
  refuses(/a REDUCE of something other than a function and arguments/, "8002 63", { text: "a\nb\n" }, "7d 52 2e");
  refuses(/reference to value 3, which is not there/, "8002 68 03 2e");
  refuses(/a global without a name/, "8004 4b01 4b02 93 2e");
});

test("what ends early, or is no text, is refused", () => {
  const whole = pickle(
    "8002 7d",
    ...short("a"),
    "8a 02 0102 73 58 02000000",
    { text: "bc" },
    "47 3fb999999999999a 73 2e",
  );
  assert.ok(unpickle(whole, "x.pth", echo) instanceof Map);
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => unpickle(whole.subarray(0, length), "x.pth", echo), WeightsError);
  }
  refuses(/ends at byte 7, within an instruction/, "8002 58 ffffffff");
  refuses(/a name that does not end/, "8002 63", { text: "os\nsystem" });
  refuses(/not UTF-8/, "8002 8c 01 ff 2e");
  refuses(/pickle protocol 1, expected 2 to 5/, "8001 4e 2e");
});

test("neither depth nor number of values costs more than the file", () => {
  const deep = pickle("8002", "5d".repeat(100_000), "61".repeat(99_999), "2e");
  assert.ok(Array.isArray(unpickle(deep, "x.pth", echo)));
  refuses(/more than 200000 lists, tuples and dicts/, "8002", "7d".repeat(200_001), "2e");
  // Twenty lists, each with ten references to the one before: 10^20 elements if expanded.
  const bomb = Array.from(
    { length: 20 },
    (_, i) =>
      `5d 71 ${(i + 1).toString(16).padStart(2, "0")} 28 ${`68 ${i.toString(16).padStart(2, "0")}`.repeat(10)} 65`,
  );
  const laughs = read("8002 4b01 71 00", ...bomb, "2e");
  assert.equal((laughs as PickleValue[]).length, 10);
  assert.equal(showPickled(laughs), "a list");
});

test("values are shown by what they are, not by what they hold", () => {
  assert.equal(showPickled(new Map([["a", 1]])), "a dict");
  assert.equal(showPickled(new (class extends PickleObject {})()), "an object");
  assert.equal(showPickled("a\u0000b"), '"a\\u0000b"');
  assert.equal(showPickled(null), "null");
});
