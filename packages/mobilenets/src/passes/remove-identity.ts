import type { Node, Program } from "../graph/graph.ts";
import { activation } from "../graph/ops/activation.ts";
import { dropout } from "../graph/ops/dropout.ts";
import { is } from "../graph/ops.ts";
import { rewrite } from "./uses.ts";

/** Removes layers that do nothing in inference: dropout and linear activations. Outputs move to their inputs. */
export function removeIdentity({ graph, weights }: Program): Program {
  const removed = new Map<string, null>();
  const renamed = new Map<string, string>();
  for (const node of graph.nodes) {
    if (!isIdentity(node)) continue;
    removed.set(node.name, null);
    renamed.set(node.name, node.inputs[0]);
  }
  return { graph: rewrite(graph, removed, renamed), weights };
}

function isIdentity(node: Node): boolean {
  return is(node, dropout) || (is(node, activation) && node.attrs.activation === "linear");
}
