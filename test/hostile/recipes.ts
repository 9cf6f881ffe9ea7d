/** Recipes that never end, nest without bounds, or reach for what recipes have no business with. */
import { type Content, fileInput, filesInput, type Hostile, namedPipe } from "./hostile.ts";

const recipe = (name: string, content: () => Content): Hostile =>
  fileInput("recipe", [`recipe ${name}`, "a.yaml"], content);

const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join("\n");

const texts: Hostile[] = [
  recipe("of nothing", () => ""),
  recipe("of zeros", () => new Uint8Array(1000)),
  recipe("of bytes of 0xff", () => new Uint8Array(1000).fill(0xff)),
  recipe("of a text", () => "hello"),
  recipe("of several documents", () => "a: 1\n---\nb: 2\n"),
  recipe("of 600 kB of keys", () => lines(60_000, (i) => `key${i}: 1`)),
  recipe("of 5000 unknown keys", () => lines(5000, (i) => `key${i}: 1`)),
  recipe("of 5000 unknown keys in brackets", () => `{${lines(5000, (i) => `key${i}: 1,`)}}`),
  recipe("of the same key thousands of times", () => "a: 1\n".repeat(10_000)),
  recipe("of brackets without end", () => "[".repeat(60_000)),
  recipe("of maps without end", () => "{a: ".repeat(15_000)),
  recipe("of keys that are maps without end", () => "? ".repeat(30_000)),
  recipe("of 400 keys that are maps", () => "? ".repeat(400)),
  recipe("of lists without end", () => "- ".repeat(30_000)),
  recipe("of keys of lists in turn", () => "- ? ".repeat(15_000)),
  recipe("indented ever further", () => lines(340, (i) => `${" ".repeat(i)}a:`)),
  recipe("of names without commas", () => `{${"a: ".repeat(20_000)}}`),
  recipe("of commas", () => `{${",".repeat(60_000)}}`),
  recipe("of anchors", () => `[${"&a ".repeat(20_000)}]`),
  recipe("of tags", () => "!!str ".repeat(10_000)),
  recipe("of quotes", () => '"'.repeat(60_001)),
  recipe("of colons", () => ": ".repeat(30_000)),
  recipe("of directives", () => "%YAML 1.2\n".repeat(6000)),
  recipe("of aliases that grow", () =>
    lines(
      9,
      (i) =>
        `a${i}: &a${i} [${Array(9)
          .fill(i === 0 ? "x" : `*a${i - 1}`)
          .join(", ")}]`,
    ),
  ),
  recipe("of thousands of aliases", () => `a: &a [1, 2]\nb: [${"*a, ".repeat(10_000)}]`),
  recipe("of an alias to itself", () => "a: &a [*a]"),
  recipe("of a merge key", () => "a: &a {x: 1}\n<<: *a"),
  recipe("of a Python object", () => "a: !!python/object/apply:os.system ['touch PWNED']"),
  recipe("of a JavaScript function", () => "a: !!js/function 'function () {}'"),
  recipe(
    "of a name that objects lose",
    () => "__proto__: { polluted: true }\nconstructor: { prototype: { polluted: true } }",
  ),
  recipe("of a number without end", () => `seed: ${"9".repeat(50_000)}`),
  recipe("of a text of 60 kB", () => `name: ${"a".repeat(60_000)}`),
  recipe("of a date", () => "seed: 2001-12-14t21:59:43.10-05:00"),
  recipe("of tabs", () => "\ta: 1"),
  recipe("of other line ends", () => "a: 1\r\u2028b: 2\x85c: 3"),
];

/** Recipes that extend others. */
const chains: Hostile[] = [
  filesInput("recipe", "recipe that reaches others in 12^8 ways", () =>
    Object.fromEntries(
      Array.from({ length: 9 }, (_, i) => [
        `w${i}.yaml`,
        i === 8
          ? "seed: 1\n"
          : `extends: [${Array(12)
              .fill(`w${i + 1}.yaml`)
              .join(", ")}]\n`,
      ]),
    ),
  ),
  filesInput("recipe", "recipe that extends a hundred others", () => ({
    "a.yaml": `extends: [${Array.from({ length: 100 }, (_, i) => `b${i}.yaml`).join(", ")}]`,
    ...Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`b${i}.yaml`, "seed: 1"])),
  })),
  filesInput("recipe", "recipe that extends itself", () => ({ "a.yaml": "extends: a.yaml" })),
  filesInput("recipe", "recipes that extend one another", () => ({
    "a.yaml": "extends: b.yaml",
    "b.yaml": "extends: a.yaml",
  })),
  filesInput("recipe", "recipe twenty deep", () =>
    Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`w${i}.yaml`, `extends: w${i + 1}.yaml`])),
  ),
  filesInput("recipe", "recipe that extends a device", () => ({ "a.yaml": "extends: /dev/zero" })),
  filesInput("recipe", "recipe that extends /etc/passwd", () => ({ "a.yaml": "extends: ../../../../etc/passwd" })),
  filesInput("recipe", "recipe that extends a number", () => ({ "a.yaml": "extends: 1" })),
  filesInput(
    "recipe",
    "recipe that extends a named pipe",
    () => ({ "a.yaml": "extends: pipe" }),
    (folder) => namedPipe(`${folder}/pipe`),
  ),
];

/** All of them. */
export const recipes: readonly Hostile[] = [...texts, ...chains];
