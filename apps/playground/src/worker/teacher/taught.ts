import { Model, nearest, type Tensor, tensor } from "mobilenets";
import { type Program, selectEngine } from "mobilenets/graph";
import { splitAtClassifier } from "mobilenets/train";
import type { WritableModel } from "mobilenets/weights";
import type { Frame } from "../../classify/frames.ts";
import { pictureOf } from "../picture.ts";
import type { Judged, Lesson, Near, Report, TaughtAnswer } from "./api.ts";
import { Backbone } from "./examples.ts";

/** Similar samples shown with an answer. */
const NEAREST = 4;
/** Confused examples shown. */
const CONFUSED = 6;

type Example = Lesson["examples"][number];

/** Features of examples by their numbers. */
export type Vectors = (number: number) => Float32Array;

/** A taught network, with its features of the training examples. */
export class Taught {
  readonly model: Model;
  readonly lesson: Lesson;
  readonly vectors: Vectors;
  readonly #layers: readonly [features: string, output: string];

  constructor(model: WritableModel, lesson: Lesson, vectors: Vectors) {
    this.model = new Model(model, selectEngine("auto"));
    this.lesson = lesson;
    this.vectors = vectors;
    const { backbone } = splitAtClassifier(model.program, "softmax");
    this.#layers = [backbone.graph.outputs[0], model.program.graph.outputs[0]];
  }

  /** Returns the classes and the most similar examples from one run of the network. */
  async ask(picture: Blob | Frame): Promise<TaughtAnswer> {
    const pixels = await pictureOf(picture);
    const start = performance.now();
    const [features, output] = this.#layers;
    const found = await this.model.features(pixels, [features, output]);
    const seen = this.model.labels
      .map((label, i) => ({ label, probability: found[output].data[i] }))
      .sort((a, b) => b.probability - a.probability);
    const near = await nearestOf([found[features].data], this.lesson.examples, this.vectors);
    return { seen, nearest: near[0], milliseconds: performance.now() - start };
  }

  dispose(): void {
    this.model.dispose();
  }
}

/** The training examples most similar to each vector. */
async function nearestOf(
  queries: readonly Float32Array[],
  examples: readonly Example[],
  vectors: Vectors,
): Promise<readonly (readonly Near[])[]> {
  const learnt = examples.filter(({ heldOut }) => !heldOut);
  if (queries.length === 0) return [];
  const found = await nearest(
    queries,
    learnt.map(({ number }) => vectors(number)),
    { k: Math.min(NEAREST, learnt.length) },
  );
  return found.map((some) => some.map(({ index, similarity }) => ({ number: learnt[index].number, similarity })));
}

/** Evaluates a classifier on stored features. */
export async function reportOn(head: Program, { examples }: Lesson, vectors: Vectors): Promise<Report> {
  const executable = await selectEngine("auto", { threads: 1 }).compile(head);
  try {
    const count = head.graph.input.shape[1];
    const input = tensor([examples.length, count]);
    for (const [i, { number }] of examples.entries()) input.data.set(vectors(number), i * count);
    const [answers] = await executable.run(input);
    return await reportOf(answers, examples, vectors);
  } finally {
    executable.dispose();
  }
}

/** @param answers probabilities `[examples, classes]` */
export async function reportOf(answers: Tensor, examples: readonly Example[], vectors: Vectors): Promise<Report> {
  const classes = answers.shape[1];
  const judged = examples.map((example, i) => {
    const row = answers.data.subarray(i * classes, (i + 1) * classes);
    const predicted = row.indexOf(Math.max(...row));
    const others = row.map((p, c) => (c === example.label ? 0 : p));
    return {
      ...example,
      predicted,
      ofLabel: row[example.label],
      ofPredicted: row[predicted],
      rival: Math.max(...others),
    };
  });
  const share = (some: typeof judged) => some.filter((one) => one.predicted === one.label).length / some.length;
  const heldOut = judged.filter((one) => one.heldOut);
  const learnt = judged.filter((one) => !one.heldOut);
  const most = (heldOut.length > 0 ? heldOut : learnt)
    .toSorted((a, b) => b.rival - b.ofLabel - (a.rival - a.ofLabel))
    .slice(0, CONFUSED);
  const near = await nearestOf(
    most.map(({ number }) => vectors(number)),
    // An example must not be its own neighbour.
    examples.filter(({ number }) => heldOut.length > 0 || !most.some((one) => one.number === number)),
    vectors,
  );
  const confused = most.map(
    ({ number, label, predicted, ofLabel, ofPredicted }, i): Judged => ({
      number,
      label,
      predicted,
      ofLabel,
      ofPredicted,
      nearest: near[i] ?? [],
    }),
  );
  return {
    learnt: share(learnt),
    heldOut: heldOut.length > 0 ? share(heldOut) : null,
    checked: heldOut.length,
    confused,
  };
}

/** Features of all examples by a network with trained last blocks. */
export async function vectorsBy(
  model: WritableModel,
  lesson: Lesson,
  picture: (number: number) => Blob,
  onDone: (share: number) => Promise<void>,
): Promise<Vectors> {
  const { backbone, featureCount } = splitAtClassifier(model.program, "softmax");
  const own = new Backbone(model, backbone, featureCount);
  const all = new Map<number, Float32Array>();
  try {
    for (const { number } of lesson.examples) {
      all.set(number, await own.features(picture(number)));
      await onDone(all.size / lesson.examples.length);
    }
  } finally {
    own.model.dispose();
  }
  return (number) => all.get(number)!;
}
