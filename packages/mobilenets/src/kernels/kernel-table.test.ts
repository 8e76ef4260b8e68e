import assert from "node:assert/strict";
import { test } from "node:test";
import { graphOf } from "../../../../test/support/graph-of.ts";
import { GraphError } from "../errors.ts";
import { importedOps } from "../graph/imported-ops.ts";
import { activation } from "../graph/ops/activation.ts";
import { activationGrad } from "../graph/ops/activation_grad.ts";
import { opOf } from "../graph/ops.ts";
import { trainingOps } from "../graph/training-ops.ts";
import { compile } from "../plan/compile.ts";
import { trainingExtension } from "../plan/lower/training.ts";
import { coreKernels, KernelTable } from "./kernel-table.ts";
import { signatures } from "./signatures.ts";
import { trainingKernels } from "./training/table.ts";

test("a kernel's number is its place in its module's list, and the training module begins with inference's", () => {
  assert.deepEqual(coreKernels.names, Object.keys(signatures));
  assert.deepEqual(trainingKernels.names.slice(0, coreKernels.names.length), coreKernels.names);
  for (const table of [coreKernels, trainingKernels]) {
    assert.deepEqual(
      table.names.map((name) => table.numberOf(name as "f32-gemm")),
      [...table.names.keys()],
    );
  }
});

test("a second group of kernels takes no numbers from the first", () => {
  const first = trainingKernels.numberOf("f32-sgd");
  const other = new KernelTable("core", { ...signatures, other: { a: "ptr" } });
  assert.equal(other.numberOf("other" as "f32-gemm"), coreKernels.names.length);
  assert.equal(trainingKernels.numberOf("f32-sgd"), first);
  assert.throws(() => coreKernels.numberOf("f32-sgd"), /module core has no kernel f32-sgd/);
});

test("loading the ops of training, or of models from files, makes nobody know them who does not ask", () => {
  const node = { name: "g", op: "pick" };
  assert.throws(() => opOf(node), GraphError);
  assert.equal(opOf(node, trainingOps).name, "pick");
  assert.throws(() => opOf({ name: "g", op: "toString" }, trainingOps), GraphError);
  assert.throws(() => opOf({ name: "up", op: "resize2d" }), GraphError);
  assert.equal(opOf({ name: "up", op: "resize2d" }, importedOps).name, "resize2d");
});

test("a plan names the module it needs: the smaller one where that has all kernels", () => {
  const plain = graphOf([2, 2, 4], (b) => b.add(activation, "y", [b.input], { activation: "relu" }));
  const backward = graphOf([2, 2, 4], (b) => b.add(activationGrad, "dx", [b.input, b.input], { activation: "relu" }));
  assert.equal(compile(plain).module, "core");
  assert.equal(compile(plain, 1, trainingExtension).module, "core");
  assert.equal(compile(backward, 1, trainingExtension).module, "training");
  assert.throws(() => compile(backward), /op "activation_grad", expected one of activation,/);
});
