import { load, type Model, type Tensor } from "mobilenets";
import { readSafetensors, type WritableModel, writeModelFile, writeSafetensors } from "mobilenets/weights";
import { SESSION_KEY } from "../../session-mark.ts";
import type { Lesson, SessionPlan } from "./api.ts";
import type { Taught } from "./taught.ts";

/** Raised when older versions of the page would misread new files. */
const VERSION = 1;

export interface SavedSession {
  readonly plan: SessionPlan;
  readonly pictures: ReadonlyMap<number, Blob>;
  /** The network's file, if it is not the page's own. */
  readonly network: Uint8Array | undefined;
  readonly taught: { readonly model: WritableModel; readonly lesson: Lesson } | undefined;
}

/**
 * Writes a session as one safetensors file: its tensors are the bytes of each picture's file, of the network's file and of
 * the trained weights' file. Its metadata have the plan.
 */
export async function writeSession(session: {
  readonly plan: SessionPlan;
  readonly picture: (number: number) => Blob;
  readonly network: Model | undefined;
  readonly taught: Taught | undefined;
}): Promise<Blob> {
  const { plan, picture, network, taught } = session;
  const tensors: Record<string, Tensor<Uint8Array>> = {};
  const put = (name: string, data: Uint8Array) => {
    tensors[name] = { data, shape: [data.length] };
  };
  for (const { pictures } of plan.classes) {
    for (const { number } of pictures) {
      put(`picture/${number}`, new Uint8Array(await picture(number).arrayBuffer()));
    }
  }
  if (network) put("network", writeModelFile(network));
  const there = new Set(plan.classes.flatMap(({ pictures }) => pictures.map(({ number }) => number)));
  // Removed examples have no picture to save.
  const lesson = taught && {
    ...taught.lesson,
    examples: taught.lesson.examples.filter(({ number }) => there.has(number)),
  };
  if (taught) put("taught", writeModelFile(taught.model));
  const session_ = JSON.stringify({ version: VERSION, plan, lesson });
  return new Blob([new Uint8Array(writeSafetensors(tensors, { [SESSION_KEY]: session_ }))]);
}

/** @throws Error with what the file lacks */
export async function readSession(file: Blob, name: string): Promise<SavedSession> {
  const { tensors, metadata } = readSafetensors(new Uint8Array(await file.arrayBuffer()), name);
  const { plan, lesson } = parse(metadata[SESSION_KEY], name);
  const bytes = (key: string): Uint8Array | undefined => {
    const data = tensors[key]?.data;
    return data instanceof Uint8Array ? data : undefined;
  };
  const pictures = new Map<number, Blob>();
  for (const one of plan.classes.flatMap((each) => each.pictures)) {
    const data = bytes(`picture/${one.number}`);
    if (!data) throw broken(name, `without the picture ${one.name}`);
    pictures.set(one.number, new Blob([new Uint8Array(data)]));
  }
  const weights = bytes("taught");
  const known = lesson?.examples.every(({ number }) => pictures.has(number));
  if (weights && !(lesson && known)) throw broken(name, "that does not say what was taught with which pictures");
  return {
    plan,
    pictures,
    network: bytes("network"),
    taught: weights && lesson ? { model: await load(weights), lesson } : undefined,
  };
}

function parse(text: string | undefined, name: string): { readonly plan: SessionPlan; readonly lesson?: Lesson } {
  if (text === undefined) throw broken(name, "without a session");
  let said: { version?: unknown; plan?: SessionPlan; lesson?: Lesson };
  try {
    said = JSON.parse(text);
  } catch {
    throw broken(name, "whose session is no JSON");
  }
  if (said.version !== VERSION) throw broken(name, `of version ${String(said.version)}, expected ${VERSION}`);
  if (!isPlan(said.plan)) throw broken(name, "whose classes and pictures are not listed as they should be");
  if (said.lesson !== undefined && !isLesson(said.lesson)) throw broken(name, "whose lesson is not as it should be");
  return { plan: said.plan, lesson: said.lesson };
}

const broken = (name: string, found: string) => new Error(`${name}: a session file ${found}`);

const isList = (value: unknown): value is readonly Record<string, unknown>[] =>
  Array.isArray(value) && value.every((one) => typeof one === "object" && one !== null);

function isPlan(plan: unknown): plan is SessionPlan {
  const classes = (plan as SessionPlan | undefined)?.classes;
  if (!isList(classes)) return false;
  return classes.every(
    ({ name, pictures }) =>
      typeof name === "string" &&
      isList(pictures) &&
      pictures.every(
        (one) => Number.isInteger(one.number) && typeof one.name === "string" && typeof one.group === "string",
      ),
  );
}

function isLesson(lesson: unknown): lesson is Lesson {
  const { classes, examples, mode } = lesson as Partial<Lesson>;
  if (!Array.isArray(classes) || !classes.every((name) => typeof name === "string") || !isList(examples)) return false;
  const inRange = (label: unknown) =>
    Number.isInteger(label) && (label as number) >= 0 && (label as number) < classes.length;
  const whole = examples.every(
    (one) => Number.isInteger(one.number) && inRange(one.label) && typeof one.heldOut === "boolean",
  );
  return whole && (mode === "head" || mode === "blocks");
}
