import ts from "typescript";

/** What a message may say, with `…` for what differs. */
export interface Message {
  /** The error's class. */
  readonly name: string;
  readonly text: string;
  /** The last part: what to do, or the likely cause. */
  readonly hint: string;
  /** Where it is thrown: file and line, from 1. */
  readonly path: string;
  readonly line: number;
}

const OPEN = "…";
/** Of an expression's texts; what has more is left open. */
const MOST = 16;

/** What callers hand over for the parameters of a function that throws. */
type Bindings = ReadonlyMap<ts.ParameterDeclaration, ts.Expression>;

/** Calls by the function's name. */
interface Calls {
  readonly calls: Map<string, ts.CallExpression[]>;
}

interface Names extends Calls {
  /** By name where they are exported, else by file and name. */
  readonly functions: Map<string, ts.FunctionLikeDeclaration>;
}

interface Thrown {
  readonly error: ts.NewExpression;
  readonly parts: ts.ObjectLiteralExpression;
}

/**
 * The messages that files throw: each `new SomeError({ where, found, expected, hint })`, with its texts as far as they
 * stand in the code. Both sides of a condition count, constants, what is handed to a function that throws, and what a
 * function returns.
 * @param codes by path
 */
export function messagesOf(codes: Readonly<Record<string, string>>): Message[] {
  const all: Names = { functions: new Map(), calls: new Map() };
  const files = Object.entries(codes).map(([path, code]) => {
    const file = ts.createSourceFile(path, code, ts.ScriptTarget.ES2022, true);
    const own = { calls: new Map<string, ts.CallExpression[]>() };
    const thrown: Thrown[] = [];
    visit(file, (node) => {
      if (ts.isCallExpression(node)) {
        const name = node.expression.getText().replace(/^this\./, "");
        for (const { calls } of [own, all]) calls.set(name, [...(calls.get(name) ?? []), node]);
      } else if (ts.isFunctionDeclaration(node) && node.name) {
        all.functions.set(`${path} ${node.name.text}`, node);
        if (isExported(node)) all.functions.set(node.name.text, node);
      } else if (ts.isNewExpression(node) && /Error(Type)?$/.test(node.expression.getText())) {
        const [parts] = node.arguments ?? [];
        if (parts && ts.isObjectLiteralExpression(parts)) thrown.push({ error: node, parts });
      }
    });
    return { path, file, own, thrown };
  });
  return files.flatMap(({ path, file, own, thrown }) =>
    thrown.flatMap(({ error, parts }) => {
      const line = file.getLineAndCharacterOfPosition(error.getStart()).line + 1;
      return bindingsOf(error, own, all).flatMap((bindings) =>
        variants(parts, { bindings, functions: all.functions }).map((one) => ({
          name: className(error, bindings),
          path,
          line,
          ...one,
        })),
      );
    }),
  );
}

const isExported = (node: ts.FunctionDeclaration) =>
  node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;

/** A class may be handed over, too. */
function className({ expression }: ts.NewExpression, bindings: Bindings): string {
  const declaration = ts.isIdentifier(expression) ? declarationOf(expression) : undefined;
  if (declaration === undefined || !ts.isParameter(declaration)) return expression.getText();
  return (bindings.get(declaration) ?? declaration.initializer ?? expression).getText();
}

/** One for each call of the function around, or an empty one where it is not called by its name. */
function bindingsOf(node: ts.Node, own: Calls, all: Calls): Bindings[] {
  const maker = ts.findAncestor(node, ts.isFunctionLike);
  if (!maker) return [new Map()];
  const name = maker.name ?? (ts.isVariableDeclaration(maker.parent) ? maker.parent.name : undefined);
  const { calls } = ts.isFunctionDeclaration(maker) && isExported(maker) ? all : own;
  const found = (name && calls.get(name.getText())) ?? [];
  if (found.length === 0) return [new Map()];
  return found.map(
    (call) =>
      new Map(
        maker.parameters.flatMap((parameter, i) =>
          call.arguments[i] && ts.isParameter(parameter) ? [[parameter, call.arguments[i]] as const] : [],
        ),
      ),
  );
}

/** What texts are read with. */
interface Context {
  readonly bindings: Bindings;
  readonly functions: Names["functions"];
}

/** `where: found, expected …: hint` for each found, expected and hint that go together. */
function variants(parts: ts.ObjectLiteralExpression, context: Context): Pick<Message, "text" | "hint">[] {
  const textsOf = (name: string) => {
    const property = parts.properties.find((one) => one.name?.getText() === name);
    if (property === undefined) return [""];
    if (ts.isPropertyAssignment(property)) return evaluate(property.initializer, context);
    return ts.isShorthandPropertyAssignment(property) ? evaluate(property.name, context) : [OPEN];
  };
  const all = textsOf("found").flatMap((found) =>
    textsOf("expected").flatMap((expected) => textsOf("hint").map((hint) => ({ found, expected, hint }))),
  );
  const [where] = textsOf("where");
  return all
    .filter(({ found, expected, hint }) => [found, expected, hint].some(isTelling))
    .map(({ found, expected, hint }) => ({
      text: tidy(
        `${where || OPEN}: ${found || OPEN}${expected ? `, expected ${expected}` : ""}${hint ? `: ${hint}` : ""}`,
      ),
      hint: tidy(hint),
    }));
}

const isTelling = (text: string) => /\p{L}{3}/u.test(text.replaceAll(OPEN, ""));
const tidy = (text: string) => text.replace(/…(\s?…)+/g, OPEN).replace(/\s+/g, " ");

/** @returns one text or more; `…` for what a run decides */
function evaluate(node: ts.Expression, context: Context, depth = 0): string[] {
  const { bindings, functions } = context;
  const next = (one: ts.Expression) => evaluate(one, context, depth + 1);
  const elsewhere = (one: ts.Expression) => evaluate(one, { bindings: new Map(), functions }, depth + 1);
  if (depth > 6) return [OPEN];
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isNonNullExpression(node)) {
    return next(node.expression);
  }
  if (ts.isConditionalExpression(node)) return limited([...next(node.whenTrue), ...next(node.whenFalse)]);
  if (ts.isTemplateExpression(node)) {
    // A call inside a text formats names and numbers.
    const inside = (one: ts.Expression) => (ts.isCallExpression(one) ? [OPEN] : next(one));
    return node.templateSpans.reduce(
      (texts, span) => joined(texts, inside(span.expression), [span.literal.text]),
      [node.head.text],
    );
  }
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    if (kind === ts.SyntaxKind.PlusToken) return joined(next(node.left), next(node.right));
    if (kind === ts.SyntaxKind.QuestionQuestionToken) return limited([...next(node.left), ...next(node.right)]);
  }
  if (ts.isCallExpression(node)) {
    const name = node.expression.getText();
    const returned = returnsOf(functions.get(`${node.getSourceFile().fileName} ${name}`) ?? functions.get(name));
    return returned.length === 0 ? [OPEN] : limited(returned.flatMap(elsewhere));
  }
  if (!ts.isIdentifier(node)) return [OPEN];
  if (node.text === "undefined") return [""];
  const declaration = declarationOf(node);
  if (declaration === undefined) return [OPEN];
  if (ts.isParameter(declaration)) {
    const value = bindings.get(declaration);
    if (value) return elsewhere(value);
    // Left out by the caller.
    return bindings.size > 0 && declaration.questionToken ? [""] : [OPEN];
  }
  const isConstant = (declaration.parent.flags & ts.NodeFlags.Const) !== 0;
  return isConstant && declaration.initializer ? next(declaration.initializer) : [OPEN];
}

/** What a function returns, not what functions in it do. */
function returnsOf(maker: ts.FunctionLikeDeclaration | undefined): ts.Expression[] {
  const returned: ts.Expression[] = [];
  const look = (node: ts.Node): void => {
    if (ts.isReturnStatement(node) && node.expression) returned.push(node.expression);
    else if (!ts.isFunctionLike(node)) ts.forEachChild(node, look);
  };
  if (maker?.body) ts.forEachChild(maker.body, look);
  return returned;
}

type Declaration = ts.VariableDeclaration | ts.ParameterDeclaration;

/** The nearest, going outwards. */
function declarationOf(name: ts.Identifier): Declaration | undefined {
  for (let scope: ts.Node = name.parent; scope; scope = scope.parent) {
    let found: Declaration | undefined;
    const look = (node: ts.Node) => {
      if ((ts.isVariableDeclaration(node) || ts.isParameter(node)) && node.name.getText() === name.text) found ??= node;
      else if (!ts.isFunctionLike(node)) ts.forEachChild(node, look);
    };
    ts.forEachChild(scope, look);
    if (found) return found;
  }
  return undefined;
}

const limited = (texts: string[]) => (texts.length > MOST ? [OPEN] : [...new Set(texts)]);

const joined = (...parts: string[][]): string[] =>
  parts.reduce((texts, part) => limited(texts.flatMap((text) => part.map((one) => text + one))));

function visit(node: ts.Node, each: (node: ts.Node) => void): void {
  each(node);
  ts.forEachChild(node, (child) => visit(child, each));
}
