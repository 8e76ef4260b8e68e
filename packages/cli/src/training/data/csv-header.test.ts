import assert from "node:assert/strict";
import { test } from "node:test";
import { labelsByHeader } from "./csv-header.ts";

function labels(csv: string): string[][] {
  const rows = csv.split("\n").map((line) => ({ record: line.split(",") }));
  const of = labelsByHeader(rows, "list.csv");
  return rows.map(({ record }) => of(record.slice(1)));
}

test("a header in the words of Kaggle and others is no picture", () => {
  for (const header of ["image,label", "filename,class", "image_id,species", "path,label", "File Name,Category"]) {
    assert.deepEqual(labels(`${header}\na.jpg,cat\nb.jpg,dog`), [["cat"], ["dog"]], header);
  }
  // Words of one's own above rows that are all pictures.
  assert.deepEqual(labels("foto,label\na.jpg,cat"), [["cat"]]);
  assert.deepEqual(labels("path,label\na.jpg,cat,wet"), [["cat", "wet"]]);
});

test("only the columns that are named for labels hold them", () => {
  assert.deepEqual(labels("filename,width,height,class\na.jpg,32,32,cat"), [["cat"]]);
});

test("a column for each class holds 0 and 1", () => {
  const csv = "filename,bag,trouser\na.jpg,1,0\nb.jpg,0,1\nc.jpg,1,1\nd.jpg,0,0";
  assert.deepEqual(labels(csv), [["bag"], ["trouser"], ["bag", "trouser"], []]);
});

test("without a header every line is a picture", () => {
  assert.deepEqual(labels("a.jpg,cat\nb.jpg,1,0"), [["cat"], ["1", "0"]]);
  assert.deepEqual(labels("a.jpg,label\nb.jpg,cat"), [["label"], ["cat"]]);
});

test("columns that are neither are refused", () => {
  const refused =
    /list\.csv, line 1: a header with the columns "kind", "age".*rename the column of the classes to label/;
  assert.throws(() => labels("image,kind,age\na.jpg,cat,3"), refused);
});
