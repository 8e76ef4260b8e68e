import { type Command, InvalidArgumentError, type Option } from "commander";
import { OptionError } from "mobilenets";
import { readJsonObject } from "../read-json.ts";
import { outsideRecipes, type TrainFlags } from "./flags.ts";

/** Options of `train` as JSON, by their long names in camel case: `{"network": "mobilenet_v2", "lr": 0.05}`. */
export type Recipe = Readonly<Record<string, unknown>>;

/**
 * Fills in the options that the command line leaves open from a recipe, and returns all. The values pass the same
 * checks.
 * @throws OptionError for an unknown option, or an invalid value
 */
export function withRecipe(command: Command, recipe: Recipe, where: string): TrainFlags {
  for (const [key, value] of Object.entries(recipe)) {
    const option = recipeOptions(command).find((candidate) => candidate.attributeName() === key);
    if (!option) {
      const expected = recipeOptions(command).map((candidate) => candidate.attributeName());
      throw new OptionError({ where, found: `"${key}"`, expected: `one of ${expected.join(", ")}` });
    }
    // `--val` on the command line replaces the recipe's `valSplit`.
    if (key === "valSplit" && command.getOptionValueSource("val") === "cli") continue;
    if (command.getOptionValueSource(key) !== "cli") {
      command.setOptionValueWithSource(key, parsed(option, value, where), "config");
    }
  }
  return command.opts<TrainFlags>();
}

export async function readRecipe(path: string): Promise<Recipe> {
  return readJsonObject(path, 'a recipe has options by their names: { "lr": 0.05 }');
}

/**
 * The flags of a resumed run: those of its recipe and of the command line.
 * @throws OptionError if an option of the command line differs from the run's
 */
export function withRunRecipe(command: Command, begun: Recipe, where: string): TrainFlags {
  const given = recipeOf(command.opts<TrainFlags>());
  for (const [key, value] of Object.entries(given)) {
    if (isDefault(command, key) || JSON.stringify(begun[key]) === JSON.stringify(value)) continue;
    throw new OptionError({
      where,
      found: `a run begun with ${key} ${key in begun ? JSON.stringify(begun[key]) : "left open"}`,
      expected: JSON.stringify(value),
      hint: "leave it out to go on; --overwrite starts anew, --out elsewhere keeps both",
    });
  }
  return withRecipe(command, begun, where);
}

function isDefault(command: Command, key: string): boolean {
  return command.getOptionValueSource(key) === "default";
}

/** Makes a recipe of the flags that are set, for `withRecipe`. */
export function recipeOf(flags: TrainFlags): Recipe {
  const entries = Object.entries(flags).filter(
    ([key, value]) => value !== undefined && !(outsideRecipes as readonly string[]).includes(key),
  );
  return Object.fromEntries(entries.map(([key, value]) => [key, textOf(key, value)]));
}

/** Writes a value for JSON. Values without a JSON form are written as on the command line. */
function textOf(key: string, value: unknown): unknown {
  if (key === "size") return (value as TrainFlags["size"])!.join("x");
  if (key === "preprocessing") return JSON.stringify(value);
  if (key === "classWeights" && Array.isArray(value)) return value.join(",");
  if (key !== "schedule") return value;
  const { kind, ...numbers } = value as NonNullable<TrainFlags["schedule"]>;
  return [kind, ...Object.values(numbers)].join(":");
}

function recipeOptions(command: Command): Option[] {
  return command.options.filter((option) => !(outsideRecipes as readonly string[]).includes(option.attributeName()));
}

function parsed(option: Option, value: unknown, where: string): unknown {
  const refuse = (expected: string): never => {
    throw new OptionError({ where, found: `"${option.attributeName()}": ${JSON.stringify(value)}`, expected });
  };
  if (option.isBoolean()) return value === true ? value : refuse("true, or nothing");
  if (typeof value !== "string" && typeof value !== "number") return refuse("a number or a text");
  try {
    return option.parseArg ? option.parseArg(String(value), undefined) : String(value);
  } catch (error) {
    // The parsers' messages are whole sentences.
    if (error instanceof InvalidArgumentError) return refuse(error.message.replace(/^Expected |\.$/g, ""));
    throw error;
  }
}
