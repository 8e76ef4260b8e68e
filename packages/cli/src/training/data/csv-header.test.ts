import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsOf } from "./csv-header.ts";

function labels(csv: string): string[][] {
  const rows = csv.split("\n").map((line) => ({ record: line.split(",") }));
  const { labelsOf } = columnsOf(rows, "list.csv");
  return rows.map(({ record }) => labelsOf(record));
}

test("a header in the words of Kaggle and others is no picture", () => {
  for (const header of [
    "image,label",
    "filename,class",
    "image_id,species",
    "path,label",
    "File Name,Category",
    "img_path,label_name",
  ]) {
    assert.deepEqual(labels(`${header}\na.jpg,cat\nb.jpg,dog`), [["cat"], ["dog"]], header);
  }
  // The header has unknown names, and all rows are pictures.
  assert.deepEqual(labels("foto,label\na.jpg,cat"), [["cat"]]);
  assert.deepEqual(labels("path,label\na.jpg,cat,wet"), [["cat", "wet"]]);
});

test("only the columns that are named for labels hold them", () => {
  assert.deepEqual(labels("filename,width,height,class\na.jpg,32,32,cat"), [["cat"]]);
});

test("the path may be in any column", () => {
  const paths = (csv: string) => {
    const rows = csv.split("\n").map((line) => ({ record: line.split(",") }));
    const { path, labelsOf } = columnsOf(rows, "list.csv");
    return rows.map(({ record }) => [record[path], ...labelsOf(record)]);
  };
  const expected = [
    ["a.jpg", "cat"],
    ["b.jpg", "dog"],
  ];
  // Pandas writes an index first, and people order columns freely.
  assert.deepEqual(paths(",image,label\n0,a.jpg,cat\n1,b.jpg,dog"), expected);
  assert.deepEqual(paths("label,path\ncat,a.jpg\ndog,b.jpg"), expected);
  assert.deepEqual(paths("id,breed\na,cat\nb,dog"), [
    ["a", "cat"],
    ["b", "dog"],
  ]);
});

test("one class by two names is one label, numbered labels are several", () => {
  const two = [["cat"], ["dog"]];
  assert.deepEqual(labels("image,class_id,class_name\na.jpg,0,cat\nb.jpg,1,dog"), two);
  assert.deepEqual(labels("image,label,label_id\na.jpg,cat,0\nb.jpg,dog,1"), two);
  assert.deepEqual(labels("image,label1,label2\na.jpg,cat,wet\nb.jpg,dog,"), [
    ["cat", "wet"],
    ["dog", ""],
  ]);
});

test("a column for each class holds 0 and 1", () => {
  const csv = "filename,bag,trouser\na.jpg,1,0\nb.jpg,0,1\nc.jpg,1,1\nd.jpg,0,0";
  assert.deepEqual(labels(csv), [["bag"], ["trouser"], ["bag", "trouser"], []]);
  assert.deepEqual(labels("id,filename,bag,trouser\n7,a.jpg,1,0\n9,b.jpg,0,1"), [["bag"], ["trouser"]]);
  assert.deepEqual(labels("filename,bag,trouser\na.jpg,1.0,0.0\nb.jpg,False,True"), [["bag"], ["trouser"]]);
});

test("without a header every line is a picture", () => {
  assert.deepEqual(labels("a.jpg,cat\nb.jpg,1,0"), [["cat"], ["1", "0"]]);
  assert.deepEqual(labels("a.jpg,label\nb.jpg,cat"), [["label"], ["cat"]]);
  assert.deepEqual(labels("a,photo\nb,sketch"), [["photo"], ["sketch"]]);
});

test("columns that are neither are refused", () => {
  const refused =
    /list\.csv, line 1: a header with the columns "kind", "age".*rename the column of the classes to label/;
  assert.throws(() => labels("image,kind,age\na.jpg,cat,3"), refused);
});
