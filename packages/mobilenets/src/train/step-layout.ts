import { MemoryMap } from "../engines/memory-map.ts";
import { StepList } from "../engines/step-list.ts";
import { LINE_BYTES } from "../kernels/geometry.ts";
import { bytesOf, type MapLayout } from "../plan/layout.ts";
import type { Placed, Plan } from "../plan/plan.ts";
import { roundUp } from "../round-up.ts";
import type { UpdateRule } from "./optimisers.ts";
import type { ParameterGroup } from "./parameter-groups.ts";

/** Blocks with the layout of the parameters: each has one number per weight, in the same order. */
export type Block = "weights" | "gradients" | "held" | "m" | "s" | "average";

/** A group's part of each block: offset from the start of the block, and length, in bytes. */
export interface Stretch {
  readonly at: number;
  readonly bytes: number;
}

type Parameter = Placed<MapLayout & { readonly name: string }>;

/** Most parts of a sum of squares. */
const NORM_PARTS = 256;

/**
 * Linear memory of a training step: the plan with parameters and gradients, then the optimiser's blocks, then its step
 * lists.
 */
export class StepLayout {
  readonly plan: Plan;
  readonly bytes: number;
  /** Trained parameters in memory order. */
  readonly parameters: readonly Parameter[];
  /** Size of a block in bytes. */
  readonly blockBytes: number;
  readonly normAt: number;
  /** Addresses of the step lists of an update, of the gradients' norm and of adding held gradients. */
  readonly lists: { readonly update: number; readonly norm: number; readonly add: number };
  readonly #blocks = new Map<Block, number>();

  constructor(plan: Plan, groups: readonly ParameterGroup[], rule: UpdateRule, averages: boolean) {
    this.plan = plan;
    const count = groups.reduce((sum, { names }) => sum + names.length, 0);
    this.parameters = plan.residents.slice(0, count);
    const [weights, gradients] = [plan.residents[0].at, plan.residents[count].at];
    this.blockBytes = gradients - weights;
    this.#blocks.set("weights", weights).set("gradients", gradients);
    let at = roundUp(plan.bytes, LINE_BYTES);
    const take = (bytes: number) => {
      const start = at;
      at += roundUp(bytes, LINE_BYTES);
      return start;
    };
    const more: readonly Block[] = ["held", ...rule.slots, ...(averages ? (["average"] as const) : [])];
    for (const block of more) this.#blocks.set(block, take(this.blockBytes));
    this.normAt = take(NORM_PARTS * LINE_BYTES);
    this.lists = {
      update: take(StepList.bytesOf(groups.length + 1)),
      norm: take(StepList.bytesOf(1)),
      add: take(StepList.bytesOf(1)),
    };
    this.bytes = Math.max(at + LINE_BYTES, new MemoryMap(plan, 1).bytes);
  }

  get blocks(): readonly Block[] {
    return [...this.#blocks.keys()];
  }

  at(block: Block): number {
    return this.#blocks.get(block) as number;
  }

  /** A parameter's place in a block. */
  in(block: Block, parameter: Parameter): Parameter {
    return { ...parameter, at: parameter.at - this.at("weights") + this.at(block) };
  }

  stretchOf({ names }: ParameterGroup): Stretch {
    const of = (name: string) => this.parameters.find((p) => p.name === name) as Parameter;
    const first = of(names[0]);
    const last = of(names[names.length - 1]);
    const end = roundUp(last.at + bytesOf(last), LINE_BYTES);
    return { at: first.at - this.at("weights"), bytes: end - first.at };
  }

  /** How the gradients are divided for the sum of their squares. */
  get normParts(): { readonly parts: number; readonly rows: number } {
    const lines = this.blockBytes / LINE_BYTES;
    for (let parts = Math.min(NORM_PARTS, lines); parts > 1; parts--) {
      if (lines % parts === 0) return { parts, rows: lines / parts };
    }
    return { parts: 1, rows: lines };
  }
}
