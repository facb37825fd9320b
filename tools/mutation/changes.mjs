// The kinds of change, by the kind of node of the syntax tree (ESTree). A change that every test of another one would
// notice as well is left out: `a === b` in a condition becomes true and false, so it needs no `a !== b`.

const BOUNDARIES = { "<": "<=", "<=": "<", ">": ">=", ">=": ">" };
const COMPARISONS = new Set([...Object.keys(BOUNDARIES), "===", "!==", "==", "!=", "instanceof", "in"]);
const ARITHMETIC = {
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "%": "*",
  "**": "*",
  "<<": ">>",
  ">>": "<<",
  ">>>": "<<",
  "&": "|",
  "|": "&",
  "^": "&",
};
/** Methods of which another one does nearly the same. */
const NEAR = new Map(
  Object.entries({ min: "max", max: "min", every: "some", some: "every", floor: "ceil", ceil: "floor" }),
);
/** Methods without which the result is nearly the same: what is left is the object itself. */
const LEFT_OUT = new Set(["reverse", "sort", "toSorted", "trim", "toLowerCase"]);
/** A list of more numbers than this is a table, in which a change of each number would say the same. */
const TABLE = 8;

/**
 * The changes that are tried at one node.
 *
 * @param {any} node
 * @param {readonly any[]} ancestors - the nearest one last
 * @param {string} text
 * @returns {{ start: number, end: number, kind: "expression" | "statement", becomes: string }[]}
 */
export function changesOf(node, ancestors, text) {
  const raw = ({ start, end }) => text.slice(start, end);
  const instead = (...all) =>
    all.map((becomes) => ({ start: node.start, end: node.end, kind: "expression", becomes }));
  if (ancestors.some(({ type, quasis }) => type === "TemplateLiteral" && quasis.some(isProse))) return [];
  const changes = CHANGES[node.type]?.(node, ancestors, raw);
  if (changes === "nothing") return [{ start: node.start, end: node.end, kind: "statement", becomes: "" }];
  const truth = standsForTruth(node, ancestors) && !isLogical(node) ? truthOf(node, ancestors) : [];
  return instead(...new Set([...(changes ?? []), ...truth]));
}

/** @type {Record<string, (node: any, ancestors: readonly any[], raw: (node: any) => string) => string[] | "nothing" | undefined>} */
const CHANGES = {
  BinaryExpression(node, _ancestors, raw) {
    const { left, operator, right } = node;
    const near = BOUNDARIES[operator] ?? ARITHMETIC[operator];
    if (near === undefined || (operator === "+" && (isText(left) || isText(right)))) return undefined;
    return [`${raw(left)} ${near} ${raw(right)}`];
  },
  LogicalExpression(node, ancestors, raw) {
    const { left, operator, right } = node;
    if (operator === "??") return [raw(left), raw(right)];
    // Of `a && b && c`, each operand is left out once, at the outermost node.
    if (bare(ancestors.at(-1))?.operator === operator && isLogical(ancestors.at(-1))) return undefined;
    const operands = operandsOf(node, operator);
    const without = operands.map((left) =>
      operands
        .filter((operand) => operand !== left)
        .map(raw)
        .join(` ${operator} `),
    );
    return standsForTruth(node, ancestors) || operands.every(isTruth)
      ? [...without, String(operator === "||")]
      : without;
  },
  UnaryExpression({ operator, argument }, _ancestors, raw) {
    if (operator === "-" && argument.type !== "Literal") return [raw(argument)];
    return operator === "~" ? [raw(argument)] : undefined;
  },
  UpdateExpression({ operator, prefix, argument }, _ancestors, raw) {
    const near = operator === "++" ? "--" : "++";
    return [prefix ? near + raw(argument) : raw(argument) + near];
  },
  AssignmentExpression({ left, operator, right }, _ancestors, raw) {
    if (["??=", "||=", "&&="].includes(operator)) return [`${raw(left)} = ${raw(right)}`];
    const near = ARITHMETIC[operator.slice(0, -1)];
    if (near === undefined || operator === "=" || isText(right)) return undefined;
    return [`${raw(left)} ${near}= ${raw(right)}`];
  },
  CallExpression(node, ancestors, raw) {
    const { callee, optional } = node;
    if (optional || callee.type !== "MemberExpression" || callee.computed || callee.optional)
      return undefined;
    if (
      ancestors.some(({ type, end }) => type === "ChainExpression" && end >= node.end && inChain(ancestors))
    )
      return undefined;
    const { name } = callee.property;
    const near = NEAR.get(name);
    if (near !== undefined) {
      return [`${raw(callee.object)}.${near}${raw(node).slice(raw(callee).length)}`];
    }
    if (LEFT_OUT.has(name) || (name === "slice" && node.arguments.length === 0)) return [raw(callee.object)];
    return undefined;
  },
  Literal(node, ancestors, raw) {
    const parent = ancestors.at(-1);
    if (isName(node, parent)) return undefined;
    if (typeof node.value === "boolean") return isCondition(node, parent) ? undefined : [String(!node.value)];
    if (typeof node.value === "number") {
      if (parent?.type === "ArrayExpression" && parent.elements.length > TABLE) return undefined;
      return [`${raw(node)} + 1`];
    }
    if (typeof node.value === "bigint") return [`${raw(node)} + 1n`];
    if (node.regex !== undefined && node.regex !== null) return anchorsOf(node.regex);
    if (typeof node.value === "string") return isPlainText(node, ancestors) ? ['""'] : undefined;
    return undefined;
  },
  ExpressionStatement(node) {
    const { type, callee } = node.expression;
    if (node.directive !== undefined && node.directive !== null) return undefined;
    return type === "CallExpression" && callee.type === "Super" ? undefined : "nothing";
  },
  ThrowStatement(_node, ancestors) {
    const parent = ancestors.at(-1);
    const alone = parent?.type === "BlockStatement" && parent.body.length === 1;
    // What a condition guards alone is left out already, when the condition becomes false.
    return (alone ? ancestors.at(-2) : parent)?.type === "IfStatement" ? undefined : "nothing";
  },
};

/** What a condition, or a value that is true or false, may become. */
function truthOf(node, ancestors) {
  const parent = outside(ancestors);
  // It chooses among two texts of a message.
  if (parent.test === node && parent.type === "ConditionalExpression" && isMessage(parent, ancestors))
    return [];
  if (node.type === "Literal") return [];
  // An operand of `a && b` is left out there.
  if (isLogical(parent)) return [];
  // What runs forever tells nothing new.
  const loop = isCondition(node, parent) && /^(For|While|DoWhile)Statement$/.test(parent.type);
  return loop ? ["false"] : ["true", "false"];
}

function standsForTruth(node, ancestors) {
  if (node.type === "ParenthesizedExpression") return false;
  const parent = outside(ancestors);
  if (isTruth(node)) return parent?.type !== "UnaryExpression" || parent.operator !== "!";
  return isCondition(node, parent) || isCondition(bare(ancestors.at(-1)), parent);
}

function isTruth(node) {
  const { type, operator } = bare(node);
  return (
    (type === "BinaryExpression" && COMPARISONS.has(operator)) ||
    (type === "UnaryExpression" && operator === "!")
  );
}

function isCondition(node, parent) {
  return parent?.test === node && node !== undefined && parent.type !== "SwitchCase";
}

function isLogical(node) {
  const { type, operator } = bare(node) ?? {};
  return type === "LogicalExpression" && operator !== "??";
}

function operandsOf(node, operator) {
  if (node.type !== "LogicalExpression" || node.operator !== operator) return [node];
  return [...operandsOf(node.left, operator), ...operandsOf(node.right, operator)];
}

/** Without parentheses. */
function bare(node) {
  return node?.type === "ParenthesizedExpression" ? bare(node.expression) : node;
}

/** The nearest ancestor that is more than parentheses. */
function outside(ancestors) {
  return ancestors.findLast(({ type }) => type !== "ParenthesizedExpression");
}

function isMessage({ consequent, alternate }, ancestors) {
  return isText(consequent) && isText(alternate) && ancestors.some(({ type }) => type === "ThrowStatement");
}

/** Whether the innermost node is a part of `a?.b.c()` that can't stand alone. */
function inChain(ancestors) {
  for (const { type } of ancestors.toReversed()) {
    if (type === "ChainExpression") return true;
    if (!["MemberExpression", "CallExpression", "TSNonNullExpression"].includes(type)) return false;
  }
  return false;
}

function isText(node) {
  const inner = bare(node);
  if (inner.type === "BinaryExpression" && inner.operator === "+")
    return isText(inner.left) || isText(inner.right);
  return inner.type === "TemplateLiteral" || (inner.type === "Literal" && typeof inner.value === "string");
}

/** Whether a literal is a name in the syntax, or in an error's options, and no value that does anything. */
function isName(node, parent) {
  if (parent === undefined) return true;
  if (parent.type === "ImportExpression") return true;
  return parent.key === node || (parent.key?.name === "operation" && parent.value === node);
}

/**
 * Whether a text is a word that the code goes by. Prose is not, nor the name of an operation, which errors show; and what
 * `===`, `case` and `in` test is tried there.
 */
function isPlainText({ value }, ancestors) {
  const parent = ancestors.at(-1);
  if (/^[a-z]+\.[a-z]+$/.test(value)) return false;
  if (value === "" || /\s/.test(value.trim()) || parent.type === "SwitchCase") return false;
  return !(parent.type === "BinaryExpression" && COMPARISONS.has(parent.operator));
}

function isProse({ value }) {
  return / /.test(value.raw);
}

function anchorsOf({ pattern, flags }) {
  const begins = pattern.startsWith("^") ? [`/${pattern.slice(1)}/${flags}`] : [];
  const ends = pattern.endsWith("$") && !pattern.endsWith("\\$") ? [`/${pattern.slice(0, -1)}/${flags}`] : [];
  return [...begins, ...ends].filter((regex) => !regex.startsWith("//"));
}
