import { readMap, writeMap } from "../engines/map-io.ts";
import { MemoryMap } from "../engines/memory-map.ts";
import { tileChoice } from "../engines/simd-bits.ts";
import { StepList } from "../engines/step-list.ts";
import { TiledSteps } from "../engines/tiled-steps.ts";
import type { WasmRunner } from "../engines/wasm-runner.ts";
import { writePlan } from "../engines/write-plan.ts";
import { TrainingError, WeightsError } from "../errors.ts";
import type { Program, Weights } from "../graph/graph.ts";
import { LINE_BYTES, VECTOR_BYTES } from "../kernels/geometry.ts";
import { bestIsa } from "../kernels/modules.ts";
import type { KernelArgs, KernelName } from "../kernels/signatures.ts";
import { trainingKernels } from "../kernels/training/table.ts";
import { chunksFor } from "../plan/chunks.ts";
import type { MapLayout } from "../plan/layout.ts";
import type { Placed } from "../plan/plan.ts";
import { random } from "../random.ts";
import { formatShape, sameShape, sizeOf, type Tensor, tensor } from "../tensor.ts";
import type { Batch } from "./batch.ts";
import type { PlannedStep } from "./compile-step.ts";
import { type LossFunction, lossFunction } from "./losses.ts";
import { MovingStatistics } from "./moving-statistics.ts";
import { type UpdateRule, updateRule } from "./optimisers.ts";
import { type ParameterGroup, parameterGroups } from "./parameter-groups.ts";
import type { Step, StepOptions, StepResult, UpdateResult, UpdateSettings } from "./step.ts";
import type { Block, StepLayout } from "./step-layout.ts";
import type { TrainingGraph } from "./training-graph.ts";

/** The names of blocks in a checkpoint. It has no gradients, as it is made between updates. */
const KEPT: readonly (readonly [Block, string])[] = [
  ["weights", "weights"],
  ["m", "momentum"],
  ["s", "square"],
  ["average", "average"],
];
const UPDATES = "optimiser/updates";

/** A training step in linear memory. */
export class WasmStep implements Step {
  readonly batchSize: number;
  readonly bytes: number;
  readonly #program: Program;
  readonly #training: TrainingGraph;
  readonly #layout: StepLayout;
  readonly #runner: WasmRunner;
  readonly #steps: TiledSteps;
  readonly #loss: LossFunction;
  readonly #rule: UpdateRule;
  readonly #groups: readonly ParameterGroup[];
  readonly #averageDecay: number | undefined;
  readonly #statistics: MovingStatistics;
  readonly #lists: { readonly [List in keyof StepLayout["lists"]]: StepList };
  /** Steps of the plan that come before the loss. */
  readonly #forward: number;
  /** Batches whose gradients are held. */
  #accumulated = 0;
  #updates = 0;

  constructor(program: Program, { training, layout }: PlannedStep, options: StepOptions, runner: WasmRunner) {
    this.batchSize = options.batchSize;
    this.bytes = layout.bytes;
    this.#program = program;
    this.#training = training;
    this.#layout = layout;
    this.#runner = runner;
    this.#loss = lossFunction(options.loss ?? "softmax_cross_entropy");
    this.#rule = updateRule(options.optimiser);
    this.#groups = parameterGroups(Object.keys(training.gradients), options.rateOf);
    this.#averageDecay = options.averageDecay;
    this.#statistics = new MovingStatistics(training.norms, program.weights);
    const { plan } = layout;
    const before = new Set(training.graph.nodes.slice(0, training.forward).map(({ name }) => name));
    before.add(training.graph.input.name);
    this.#forward = plan.steps.findIndex(({ node }) => !before.has(node));
    // Another model may have used the memory, and sums over padding channels must not become NaN. Below the steps lie
    // the kernels' own constants.
    const bytes = new Uint8Array(runner.buffer);
    bytes.fill(0, plan.stepsAt, plan.arenaAt);
    const map = new MemoryMap(plan, 1);
    writePlan(map, training.weights, runner.buffer, runner.pack, trainingKernels);
    this.#steps = new TiledSteps(map, trainingKernels, tileChoice(bestIsa()), runner);
    // This comes last, since weights are packed by way of the arena.
    bytes.fill(0, plan.arenaAt);
    this.#copyBlock("weights", "average");
    const chunks = chunksFor(layout.blockBytes / VECTOR_BYTES, plan.threads);
    const listAt = (at: number) => new StepList(runner, at, trainingKernels, chunks);
    const { update, norm, add } = layout.lists;
    this.#lists = { update: listAt(update), norm: listAt(norm), add: listAt(add) };
    this.#writeLists();
  }

  async accumulate({ images, targets }: Batch, seed: number): Promise<StepResult> {
    const { plan } = this.#layout;
    const { logits: value, logitsGradient, masks } = this.#training;
    await this.#runner.ready();
    const { buffer } = this.#runner;
    const logits = new Float32Array(sizeOf(logitsGradient.shape));
    expectNumbers(this.#program.graph.name, "images", images, sizeOf(this.#training.graph.input.shape));
    expectNumbers(this.#program.graph.name, "targets", targets, logits.length);
    const held = this.#accumulated > 0;
    if (held) this.#copyBlock("gradients", "held");

    writeMap(plan.input, images, buffer, 0);
    masks.forEach(({ name, shape, rate }, i) => {
      writeMap(this.#resident(name), dropoutMask(sizeOf(shape), rate, seed + i), buffer, 0);
    });
    this.#steps.run(0, this.#forward);
    readMap(this.#output(value), buffer, logits, 0);
    const gradient = new Float32Array(logits.length);
    const loss = this.#loss(logits, targets, logits.length / this.batchSize, gradient);
    writeMap(this.#resident(logitsGradient.name), gradient, buffer, 0);
    this.#steps.run(this.#forward, plan.steps.length - this.#forward);
    if (held) this.#lists.add.run(0, 1);
    this.#accumulated++;
    this.#statistics.follow((moments, out) => readMap(this.#output(moments), buffer, out, 0));
    return { loss, logits };
  }

  async update({ learningRate, weightDecay = 0, clipNorm }: UpdateSettings): Promise<UpdateResult> {
    if (this.#accumulated === 0) {
      throw new TrainingError({ where: "update", found: "no gradients", expected: "a call of accumulate() before it" });
    }
    await this.#runner.ready();
    const mean = 1 / this.#accumulated;
    const gradientNorm = clipNorm === undefined ? Number.NaN : mean * this.#norm();
    const clip = clipNorm !== undefined && gradientNorm > clipNorm ? clipNorm / gradientNorm : 1;
    this.#updates++;
    const rates = { scale: mean * clip, step: this.#updates };
    this.#groups.forEach((group, i) => {
      const decay = group.decays ? weightDecay : 0;
      const { at, bytes } = this.#layout.stretchOf(group);
      const blocks = { w: "weights", g: "gradients", m: "m", s: "s" } as const;
      const addresses = Object.fromEntries(
        Object.entries(blocks).map(([x, block]) => [x, this.#layout.at(block) + at]),
      );
      const scalars = this.#rule.scalars({ ...rates, decay, rate: learningRate * group.rate });
      // A rule's scalars and the blocks that it has are its kernel's arguments.
      const args = { ...addresses, vectors: bytes / VECTOR_BYTES, ...scalars } as unknown as KernelArgs<KernelName>;
      this.#lists.update.set(i, this.#rule.kernel, args);
    });
    this.#lists.update.run(0, this.#groups.length);
    this.#average();
    this.#accumulated = 0;
    return { gradientNorm };
  }

  weights(): Weights {
    return this.#weightsOf("weights", this.#statistics.values);
  }

  averaged(): Weights {
    if (this.#averageDecay === undefined) return this.weights();
    return this.#weightsOf("average", this.#statistics.averages);
  }

  state(): Record<string, Tensor> {
    const kept = this.#kept().flatMap(([block, title]) =>
      Object.entries(this.#read(block)).map(([name, values]) => [`${title}/${name}`, values] as const),
    );
    const statistics = this.#statisticsKept().map(([name, values]) => [name, copyOf(values)] as const);
    return Object.fromEntries([...kept, ...statistics, [UPDATES, tensor([1], [this.#updates])]]);
  }

  restore(state: Readonly<Record<string, Tensor>>): void {
    const expected = this.state();
    for (const [name, { shape }] of Object.entries(expected)) {
      if (state[name] && sameShape(state[name].shape, shape)) continue;
      throw new WeightsError({
        where: name,
        found: state[name] ? `shape ${formatShape(state[name].shape)}` : "no such tensor in the state",
        expected: `shape ${formatShape(shape)}`,
        hint: "a run is resumed with the network and the options it was begun with",
      });
    }
    for (const [block, title] of this.#kept()) {
      for (const parameter of this.#layout.parameters) {
        writeMap(this.#layout.in(block, parameter), state[`${title}/${parameter.name}`].data, this.#runner.buffer, 0);
      }
    }
    for (const [name, { data }] of this.#statisticsKept()) data.set(state[name].data);
    this.#updates = state[UPDATES].data[0];
    this.#accumulated = 0;
  }

  dispose(): void {
    this.#runner.dispose();
  }

  #kept(): readonly (readonly [Block, string])[] {
    return KEPT.filter(([block]) => this.#layout.blocks.includes(block));
  }

  /** Batch norms' statistics and, with an average of the weights, theirs; by their names in a checkpoint. */
  #statisticsKept(): readonly (readonly [string, Tensor])[] {
    const { values, averages } = this.#statistics;
    const titled = (title: string, tensors: Readonly<Record<string, Tensor>>) =>
      Object.entries(tensors).map(([name, t]) => [`${title}/${name}`, t] as const);
    const averaged = this.#averageDecay === undefined ? [] : titled("average", averages);
    return [...titled("statistics", values), ...averaged];
  }

  /** The program's weights with those that were trained, and the batch norms' statistics, in place of its own. */
  #weightsOf(block: Block, statistics: Readonly<Record<string, Tensor>>): Weights {
    const others = Object.entries({ ...this.#program.weights, ...statistics });
    return { ...Object.fromEntries(others.map(([name, values]) => [name, copyOf(values)])), ...this.#read(block) };
  }

  /**
   * Moves the average. It forgets faster in the first updates, as TensorFlow's ExponentialMovingAverage does when told
   * the number of updates. Otherwise it would stay near the first weights for long.
   */
  #average(): void {
    if (this.#averageDecay === undefined) return;
    const keep = Math.min(this.#averageDecay, (1 + this.#updates) / (10 + this.#updates));
    const { blockBytes } = this.#layout;
    const [w, m] = [this.#layout.at("weights"), this.#layout.at("average")];
    const last = this.#groups.length;
    this.#lists.update.set(last, "f32-average", { w, m, vectors: blockBytes / VECTOR_BYTES, keep, rest: 1 - keep });
    this.#lists.update.run(last, 1);
    this.#statistics.average(keep);
  }

  #read(block: Block): Record<string, Tensor> {
    return Object.fromEntries(
      this.#layout.parameters.map((parameter) => {
        const values = tensor(this.#program.graph.params[parameter.name].shape);
        readMap(this.#layout.in(block, parameter), this.#runner.buffer, values.data, 0);
        return [parameter.name, values];
      }),
    );
  }

  /** Of all gradients held, in float64 from parts that threads add up. */
  #norm(): number {
    const { normAt, normParts } = this.#layout;
    this.#lists.norm.run(0, 1);
    const parts = new Float32Array(
      this.#runner.buffer,
      normAt,
      (normParts.parts * LINE_BYTES) / Float32Array.BYTES_PER_ELEMENT,
    );
    let sum = 0;
    for (const part of parts) sum += part;
    return Math.sqrt(sum);
  }

  /** Steps whose arguments stay the same. */
  #writeLists(): void {
    const { blockBytes, normAt, normParts } = this.#layout;
    const [gradients, held] = [this.#layout.at("gradients"), this.#layout.at("held")];
    const lines = blockBytes / LINE_BYTES;
    this.#lists.norm.set(0, "f32-dot-rows", {
      a: gradients,
      aImage: LINE_BYTES * normParts.rows,
      aStep: LINE_BYTES,
      b: gradients,
      bImage: LINE_BYTES * normParts.rows,
      bStep: LINE_BYTES,
      c: normAt,
      cImage: LINE_BYTES,
      images: normParts.parts,
      rows: normParts.rows,
      bytes: LINE_BYTES,
    });
    this.#lists.add.set(0, "f32-add", {
      a: gradients,
      aStep: LINE_BYTES,
      b: held,
      bStep: LINE_BYTES,
      c: gradients,
      cStep: LINE_BYTES,
      rows: lines,
      bytes: LINE_BYTES,
    });
  }

  #copyBlock(from: Block, to: Block): void {
    if (!this.#layout.blocks.includes(to)) return;
    const bytes = new Uint8Array(this.#runner.buffer);
    bytes.copyWithin(this.#layout.at(to), this.#layout.at(from), this.#layout.at(from) + this.#layout.blockBytes);
  }

  #resident(name: string): Placed<MapLayout> {
    return this.#layout.plan.residents.find((r) => r.name === name) as Placed<MapLayout>;
  }

  #output(name: string): Placed<MapLayout> {
    return this.#layout.plan.outputs[this.#training.graph.outputs.indexOf(name)];
  }
}

/** 0 for the share `rate` of the numbers, 1 / (1 - rate) for the others, so that their mean stays. */
function dropoutMask(size: number, rate: number, seed: number): Float32Array {
  const next = random(seed);
  return Float32Array.from({ length: size }, () => (next() < rate ? 0 : 1 / (1 - rate)));
}

function expectNumbers(where: string, what: string, found: Float32Array, expected: number): void {
  if (found.length === expected) return;
  throw new TrainingError({ where, found: `${found.length} numbers as ${what}`, expected: `${expected}` });
}

const copyOf = ({ data, shape }: Tensor): Tensor => tensor(shape, data.slice());
