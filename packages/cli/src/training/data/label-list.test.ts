import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { labelList, partsOfList } from "./label-list.ts";

let root: string;

before(async () => {
  root = await mkdtemp(join(tmpdir(), "label-list-"));
});

after(() => rm(root, { recursive: true }));

async function read(name: string, text: string | Buffer, classes?: readonly string[]) {
  await writeFile(join(root, name), text);
  const { classes: names, examples, paths } = await labelList(join(root, name), classes);
  return { names, examples, paths };
}

const expected = () => ({
  names: ["cat", "dog, wet", "pet"],
  examples: [
    { id: "a.jpg", labels: [0] },
    { id: "sub/b.jpg", labels: [1, 2] },
    { id: "c.jpg", labels: [] },
  ],
  paths: ["a.jpg", "sub/b.jpg", "c.jpg"].map((path) => join(root, path)),
});

test("CSV: a path and any number of labels, quoted as usual, with a header or without", async () => {
  const rows = 'a.jpg,cat\r\n\r\nsub/b.jpg,"dog, wet",pet\r\nc.jpg,\r\n';
  assert.deepEqual(await read("plain.csv", rows), expected());
  assert.deepEqual(await read("header.csv", `\ufeffPath,label\r\n${rows}`), expected());
});

test("CSV with semicolons or tabs, and .tsv", async () => {
  const rows = [
    ["image", "label_name"],
    ["a.jpg", "cat"],
    ["b c.jpg", '"dog, wet"'],
  ];
  for (const [name, delimiter] of [
    ["commas.csv", ","],
    ["semicolons.csv", ";"],
    ["tabs.csv", "\t"],
    ["tabs.tsv", "\t"],
  ] as const) {
    const { names, examples } = await read(name, rows.map((row) => row.join(delimiter)).join("\r\n"));
    assert.deepEqual(names, ["cat", "dog, wet"], name);
    assert.deepEqual(
      examples.map(({ id }) => id),
      ["a.jpg", "b c.jpg"],
      name,
    );
  }
  // Semicolons separate cells where the decimal point is a comma. The classes are columns.
  const { names } = await read("flags.csv", "filename;bag;trouser\na.jpg;1;0\nb.jpg;0;1");
  assert.deepEqual(names, ["bag", "trouser"]);
});

test("CSV as spreadsheets and people write it", async () => {
  const classes = async (name: string, text: string | Buffer) => (await read(name, text)).names;
  const rows = "a.jpg,cat\nb.jpg,dog";
  const expected = ["cat", "dog"];
  assert.deepEqual(await classes("utf16.csv", Buffer.from(`\ufeffimage,label\n${rows}`, "utf16le")), expected);
  assert.deepEqual(await classes("bars.csv", `image,label\n${rows}`.replaceAll(",", "|")), expected);
  assert.deepEqual(await classes("sep.csv", `sep=;\nimage;label\n${rows.replaceAll(",", ";")}`), expected);
  assert.deepEqual(await classes("remark.csv", `# of the zoo, 2024\nimage,label\n${rows}`), expected);
  assert.deepEqual(await classes("quotes.csv", "'image','label'\n'a.jpg','cat'\n'b.jpg','dog'"), expected);
  assert.deepEqual(await classes("counted.csv", "0,a.jpg,cat\n1,b.jpg,dog"), expected);
  assert.deepEqual(await classes("first.csv", "cat,a.jpg\ndog,b.jpg"), expected);
  assert.deepEqual(await classes("words.csv", `Image File,Ground Truth Label\n${rows}`), expected);
  await assert.rejects(classes("latin.csv", Buffer.from("a.jpg,ch\xe8vre", "latin1")), /not UTF-8: save it as UTF-8/);
  await assert.rejects(classes("line.csv", "# a\nimage,label\na.jpg,cat\n,dog"), /line\.csv, line 4: no path/);
});

test("several labels in a cell are no class of that name", async () => {
  const refused = (name: string, labels: readonly string[], header = "image,label", found = labels.at(-1)) => {
    const rows = labels.map((label, i) => `${i}.jpg,"${label}"`).join("\n");
    const message = `${name}.csv, line ${labels.length + 1}: a cell with several labels, ${JSON.stringify(found)}, expected one label`;
    return assert.rejects(read(`${name}.csv`, `${header}\n${rows}`), ({ message: text }: Error) => {
      assert.ok(text.includes(message), text);
      return /give each a column .* or write the list as \.jsonl with .*"labels": \[.*"label": /.test(text);
    });
  };
  await refused("bar", ["cat", "dog|wet"]);
  await refused("semicolon", ["cat", "dog; wet"]);
  await refused("list", ["cat", "['dog', 'wet']"]);
  await refused("numbers", ["3", "16 0"], "Id,Target");
  await refused("comma", ["dog", "wet", "dog, wet"]);
  await refused("words", ["scab", "rust", "rust scab"], "image,labels");

  const names = async (name: string, text: string) => (await read(name, text)).names;
  // Names with such signs, or of several words.
  assert.deepEqual(await names("tench.csv", 'a.jpg,"tench, Tinca tinca"\nb.jpg,"crane"\nc.jpg,"N/A"'), [
    "N/A",
    "crane",
    "tench, Tinca tinca",
  ]);
  assert.deepEqual(await names("red.csv", "image,label\na.jpg,red shirt\nb.jpg,red\nc.jpg,shirt"), [
    "red",
    "red shirt",
    "shirt",
  ]);
  assert.deepEqual(await names("kept.jsonl", '{"path":"a.jpg","label":"dog|wet"}\n{"path":"b.jpg","label":" cat "}'), [
    "cat",
    "dog|wet",
  ]);
});

test("a picture of several lines is one, with all labels; a cell without a label is none of a class", async () => {
  const { examples, names } = await read(
    "boxes.csv",
    "image,label,xmin\na.jpg,cat,1\nb.jpg,dog,2\na.jpg,dog,3\nb.jpg,dog,4",
  );
  assert.deepEqual(names, ["cat", "dog"]);
  assert.deepEqual(
    examples.map(({ id, labels }) => [id, labels]),
    [
      ["a.jpg", [0, 1]],
      ["b.jpg", [1]],
    ],
  );
  const expected = /nan\.csv, line 3: no label, "NaN", expected a name: leave the line out, or the cell empty/;
  await assert.rejects(read("nan.csv", "image,label\na.jpg,cat\nb.jpg,NaN"), { message: expected });
});

test("one name is one class, composed or decomposed", async () => {
  const { names, examples } = await read("nfd.csv", "a.jpg,caf\u00e9\nb.jpg,cafe\u0301\nc.jpg,bar");
  assert.deepEqual(names, ["bar", "caf\u00e9"]);
  assert.deepEqual(examples[0]!.labels, examples[1]!.labels);
});

test("rows may say their part", async () => {
  const columns = "image,label,split\na.jpg,cat,train\nb.jpg,dog,val\nc.jpg,dog,train";
  await writeFile(join(root, "parts.csv"), columns);
  assert.deepEqual([...(await partsOfList(join(root, "parts.csv")))], ["train", "validation"]);
  const { paths, classes } = await labelList(join(root, "parts.csv"), undefined, "train");
  assert.deepEqual([paths.length, classes], [2, ["cat", "dog"]]);
  await writeFile(join(root, "automl.csv"), "TRAIN,a.jpg,cat\nTEST,b.jpg,dog");
  assert.deepEqual([...(await partsOfList(join(root, "automl.csv")))], ["train", "test"]);
  await writeFile(join(root, "folds.csv"), "image,label,split\na.jpg,cat,7\nb.jpg,dog,8");
  assert.deepEqual([...(await partsOfList(join(root, "folds.csv")))], []);
});

test("JSONL: label or labels", async () => {
  const rows = [
    '{"path": "a.jpg", "label": "cat"}',
    "",
    '{"path": "sub/b.jpg", "labels": ["dog, wet", "pet", "pet"]}',
    '{"path": "c.jpg", "labels": []}\n',
  ];
  assert.deepEqual(await read("list.jsonl", rows.join("\n")), expected());
  const { names } = await read("numbers.jsonl", '{"path": "a.jpg", "label": 10}\n{"path": "b.jpg", "label": 9}');
  assert.deepEqual(names, ["10", "9"]);
  const others = await read(
    "keys.jsonl",
    '{"file_name": "a.jpg", "class": "cat"}\n{"file_name": "b.jpg", "class": "dog"}',
  );
  assert.deepEqual(others.names, ["cat", "dog"]);
});

test("absolute paths stay, classes may be given", async () => {
  const { paths, examples } = await read("absolute.csv", `${root}/x.png,b\ny.png,a`, ["b", "c", "a"]);
  assert.deepEqual(paths, [join(root, "x.png"), join(root, "y.png")]);
  assert.deepEqual(
    examples.map(({ labels }) => labels[0]),
    [0, 2],
  );
  await assert.rejects(read("unknown.csv", "x.png,b\ny.png,d", ["a", "b"]), {
    message: /unknown\.csv: class "d", expected only "a", "b"/,
  });
});

test("what is malformed is told with its line", async () => {
  const errors: [name: string, text: string, message: RegExp][] = [
    ["a.csv", "x.png,a\n,b", /a\.csv, line 2: no path/],
    ["b.csv", 'x.png,"a\n', /b\.csv: not CSV/],
    ["c.csv", "path,label\n", /c\.csv: no pictures/],
    ["d.jsonl", '{"path": "x", "label": "a"}\nnonsense', /d\.jsonl, line 2: not JSON/],
    ["e.jsonl", '{"label": "a"}', /line 1: no path/],
    ["f.jsonl", '{"path": "x"}', /line 1: no label or labels/],
    ["g.jsonl", '{"path": "x", "labels": "a"}', /line 1: no label or labels/],
    ["h.jsonl", "null", /line 1: no path/],
    ["i.txt", "", /i\.txt: a list of unknown kind, expected \.csv or \.tsv or \.jsonl or \.ndjson/],
  ];
  for (const [name, text, message] of errors) await assert.rejects(read(name, text), { name: "OptionError", message });
  await assert.rejects(labelList(join(root, "missing.csv")), { name: "OptionError", message: /no such file/ });
});
