/**
 * The house rules about imports: rooms are layers, a room is entered through its index, and the
 * mathematics runs anywhere.
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
const common = ["files", "errors.ts", "show.ts", "version.ts"];

/** Rooms that run in a browser too, and the packages that each may use besides other rooms. */
const portable: Readonly<Record<string, readonly string[]>> = {
  random: [],
  graph: ["@bufbuild/protobuf"],
  nn: ["zod"],
  networks: [],
  records: ["zod"],
  runtime: [],
};

/** Rooms that may use packages, but neither Node's modules nor native ones. */
const withoutNode = ["diffusion", "baselines", "evaluation"];
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
}

const statements = [
  /^(?:import|export)\s[^;"']*?\bfrom\s+["']([^"']+)["']/gm,
  /^import\s+["']([^"']+)["']/gm,
  /\bimport\(\s*["']([^"']+)["']\s*\)/g,
];

/** The module names that a source text imports. */
const importedBy = (text: string): string[] =>
  statements.flatMap((statement) => [...text.matchAll(statement)].map((match) => match[1]!));

const roomOf = (path: string): string => path.split("/")[0]!;

const sources = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts"))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"));

const imports: Import[] = sources.flatMap((file) =>
  importedBy(readFileSync(join(root, file), "utf8")).map((name) => {
    const own = name.startsWith(".");
    return { file, room: roomOf(file), target: own ? normalize(join(dirname(file), name)) : name, own };
  }),
);

const show = ({ file, target }: Import): string => `${file} imports ${target}`;

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
    expect(importedBy(text).toSorted()).toEqual(
      ["./a.ts", "../b/index.ts", "./c.ts", "./d.ts", "./e.ts", "node:f", "g"].toSorted(),
    );
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

  it("keep Node and native packages out of the mathematics", () => {
    const strangers = imports.filter(({ room, target, own }) => {
      if (own) return false;
      if (withoutNode.includes(room)) return ofNode(target);
      const allowed = portable[room];
      return allowed !== undefined && !allowed.some((name) => target === name || target.startsWith(`${name}/`));
    });
    expect(strangers.map(show)).toEqual([]);
  });
});
