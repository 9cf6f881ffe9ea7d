/**
 * The rules of the layout: rooms are layers, a room is entered through its index, imports never go
 * in a circle, the mathematics runs anywhere, and folders and files stay small.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../src", import.meta.url));

/** The rooms from the top of the house down; a room imports only from lower floors. */
const floors = [
  ["cli"],
  ["stages"],
  ["claim", "task-network"],
  ["recipe", "run"],
  ["zoo", "diffusion", "baselines", "evaluation", "report", "metric"],
  ["symmetry"],
  ["training"],
  ["networks", "data", "checkpoints"],
  ["layout"],
  ["runtime-node"],
  ["nn", "numeric"],
  ["runtime"],
  ["graph"],
  ["random", "records"],
];

/** What every room may use. */
const common = ["files", "errors.ts", "event-loop.ts", "lookup.ts", "show.ts", "version.ts"];

/**
 * Rooms that also run in a browser: whatever their files import, and what that imports, and so on,
 * reaches neither Node's modules nor native ones.
 */
const portable = [
  "random",
  "graph",
  "nn",
  "numeric",
  "runtime",
  "layout",
  "networks",
  "training",
  "symmetry",
  "diffusion",
  "baselines",
  "evaluation",
  "records",
  "report",
];
/** The packages that the rooms of the engine may use besides other rooms. */
const packages: Readonly<Record<string, readonly string[]>> = {
  random: [],
  graph: ["@bufbuild/protobuf"],
  nn: ["zod"],
  networks: [],
  layout: [],
  records: ["zod"],
  runtime: [],
};

const ofNode = (target: string): boolean => target.startsWith("node:") || target === "onnxruntime-node";

const floorOf = (room: string): number => floors.findIndex((rooms) => rooms.includes(room));

interface Import {
  /** The importing file, below src/. */
  readonly file: string;
  /** The room of the importing file: its folder, or its own name at the top level. */
  readonly room: string;
  /** A path below src/ for our own files, else the name of a package. */
  readonly target: string;
  readonly own: boolean;
  /** Whether only types are imported, of which nothing is left when the program runs. */
  readonly typeOnly: boolean;
}

const statements = [
  /^(?:import|export)\s+(?<type>type\s)?[^;"']*?\bfrom\s+["'](?<name>[^"']+)["']/gm,
  /^import\s+["'](?<name>[^"']+)["']/gm,
  /\bimport\(\s*["'](?<name>[^"']+)["']\s*\)/g,
];

/** The modules that a source text imports. */
const importedBy = (text: string): { name: string; typeOnly: boolean }[] =>
  statements.flatMap((statement) =>
    [...text.matchAll(statement)].map(({ groups }) => ({
      name: groups?.name ?? "",
      typeOnly: groups?.type !== undefined,
    })),
  );

const roomOf = (path: string): string => path.split("/")[0]!;

const sources = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts"))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"));

const imports: Import[] = sources.flatMap((file) =>
  importedBy(readFileSync(join(root, file), "utf8")).map(({ name, typeOnly }) => {
    const own = name.startsWith(".");
    return { file, room: roomOf(file), target: own ? normalize(join(dirname(file), name)) : name, own, typeOnly };
  }),
);

const show = ({ file, target }: Import): string => `${file} imports ${target}`;

const importsOf = new Map(sources.map((file) => [file, imports.filter((each) => each.file === file)]));

/** The way from a file to a module of Node, import by import, or undefined if there is none. */
function wayToNode(start: string): readonly string[] | undefined {
  const ways: (readonly string[])[] = [[start]];
  const seen = new Set([start]);
  for (const way of ways) {
    for (const { target, typeOnly } of importsOf.get(way.at(-1) ?? "") ?? []) {
      if (typeOnly || seen.has(target)) continue;
      seen.add(target);
      if (ofNode(target)) return [...way, target];
      ways.push([...way, target]);
    }
  }
  return undefined;
}

/** A way from a file back to itself, import by import, or undefined if there is none. */
function circleThrough(start: string): readonly string[] | undefined {
  const ways: (readonly string[])[] = [[start]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const { target } of importsOf.get(way.at(-1) ?? "") ?? []) {
      if (target === start) return [...way, target];
      if (seen.has(target)) continue;
      seen.add(target);
      ways.push([...way, target]);
    }
  }
  return undefined;
}

describe("the imports of src/", () => {
  it("are found in every form that they take", () => {
    const text = `
import { a } from "./a.ts";
import type { B } from '../b/index.ts';
export { c } from "./c.ts";
export * from "./d.ts";
import "./e.ts";
import {
  f,
} from "node:f";
const g = await import("g");
const from = "not an import";
`;
    const found = importedBy(text);
    expect(found.map(({ name }) => name).toSorted()).toEqual(
      ["./a.ts", "../b/index.ts", "./c.ts", "./d.ts", "./e.ts", "node:f", "g"].toSorted(),
    );
    expect(found.filter(({ typeOnly }) => typeOnly).map(({ name }) => name)).toEqual(["../b/index.ts"]);
    expect(imports.length).toBeGreaterThan(50);
  });

  it("come from rooms that have a place in the house", () => {
    const homeless = sources.filter((file) => file.includes("/") && floorOf(roomOf(file)) < 0);
    expect(homeless.filter((file) => !common.includes(roomOf(file)))).toEqual([]);
  });

  it("go one way, and not between neighbours", () => {
    const upward = imports.filter(({ room, target, own }) => {
      const to = roomOf(target);
      if (!own || to === room || common.includes(to)) return false;
      if (common.includes(room)) return true;
      return floorOf(room) >= 0 && floorOf(to) <= floorOf(room);
    });
    expect(upward.map(show)).toEqual([]);
  });

  it("enter another room through its index", () => {
    const inside = imports.filter(
      ({ room, target, own }) =>
        own && target.includes("/") && roomOf(target) !== room && !/^[\w-]+\/index\.ts$/.test(target),
    );
    expect(inside.map(show)).toEqual([]);
  });

  it("name existing files", () => {
    expect(imports.filter(({ target, own }) => own && !sources.includes(target)).map(show)).toEqual([]);
  });

  it("bring only few packages into the rooms of the engine", () => {
    const strangers = imports.filter(({ room, target, own }) => {
      const allowed = packages[room];
      if (own || allowed === undefined) return false;
      return !allowed.some((name) => target === name || target.startsWith(`${name}/`));
    });
    expect(strangers.map(show)).toEqual([]);
  });

  it("never go in a circle", () => {
    const circles = sources.flatMap((file) => {
      const circle = circleThrough(file);
      return circle === undefined ? [] : [circle.join(" > ")];
    });
    expect(circles).toEqual([]);
  });

  it("never lead from the rooms of mathematics to Node, however far they are followed", () => {
    expect(portable.filter((room) => floorOf(room) < 0)).toEqual([]);
    const ways = sources
      .filter((file) => portable.includes(roomOf(file)))
      .flatMap((file) => {
        const way = wayToNode(file);
        return way === undefined ? [] : [way.join(" > ")];
      });
    expect(ways).toEqual([]);
  });
});

describe("the folders of src/", () => {
  it("hold at most 20 files each, tests and fixtures apart", () => {
    const counts = new Map<string, number>();
    for (const file of sources) {
      if (file.endsWith(".fixture.ts")) continue;
      counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
    }
    expect([...counts].filter(([, count]) => count > 20)).toEqual([]);
  });

  it("hold files of at most 400 lines, generated code and tests apart", () => {
    const long = sources.filter(
      (file) => !file.endsWith("_pb.ts") && readFileSync(join(root, file), "utf8").trimEnd().split("\n").length > 400,
    );
    expect(long).toEqual([]);
  });
});
