/** Whether the sections of a classifier's recipe fit one another. */
import type { z } from "zod";
import type { dataSchema } from "./data.ts";
import type { AddIssue } from "./fields.ts";
import type { baseSchema, zooSchema } from "./zoo.ts";

type Base = z.output<typeof baseSchema>;
type Zoo = z.output<typeof zooSchema>;

/** Adds an issue for each two sections that do not fit one another. */
export function checkClassifier(
  { base, data, zoo }: { readonly base: Base; readonly data: z.output<typeof dataSchema>; readonly zoo: Zoo },
  addIssue: AddIssue,
): void {
  if (base.epochs === 0 && base.weights === undefined) {
    addIssue(["base", "epochs"], "a network without weights needs training; use at least 1, or give base.weights", 0);
  }
  if ((data.name === "folder") !== (data.folder !== undefined)) {
    addIssue(
      ["data", "folder"],
      data.folder === undefined
        ? "missing: say where your images are, as in data.folder=DIR"
        : "only a set named folder takes one; use name: folder, or leave it out",
      data.folder,
    );
  }
  checkZoo(base, zoo, addIssue);
  checkSeparate(base, zoo, addIssue);
}

/** A zoo of files needs its files, and one of a trajectory enough checkpoints. */
function checkZoo(base: Base, zoo: Zoo, addIssue: AddIssue): void {
  const { kind } = zoo;
  if (zoo.kind === "trajectory" && zoo.heldOut > zoo.count && zoo.count > 0) {
    addIssue(
      ["zoo", "heldOut"],
      `more than the ${zoo.count} checkpoints of the trajectory; use at most zoo.count`,
      zoo.heldOut,
    );
  }
  if ((kind === "files") !== (zoo.files !== undefined)) {
    addIssue(
      ["zoo", "files"],
      kind === "files"
        ? "missing: say which checkpoints to learn from, as in zoo.files='ckpts/*.pth'"
        : "only a zoo of kind files takes them; use zoo.kind: files, or leave them out",
      zoo.files,
    );
  }
  for (const name of ["heldOutFiles", "unseenFiles", "trajectory"] as const)
    if (kind !== "files" && zoo[name] !== undefined)
      addIssue(["zoo", name], "only a zoo of kind files takes it; use zoo.kind: files, or leave it out", zoo[name]);
  if (!["seeds", "orders"].includes(kind) && zoo.unseen > 0)
    addIssue(
      ["zoo", "unseen"],
      "only separate trainings have unseen networks; use zoo.kind: seeds, or zoo.unseenFiles for files, or leave it out",
      zoo.unseen,
    );
  if (kind === "files" && (base.weights === undefined || base.epochs > 0)) {
    addIssue(
      ["base", "weights"],
      "a zoo of files needs the checkpoint that generated tensors are laid over, as it is: base.weights, with base.epochs: 0",
      base.weights,
    );
  }
}

/** Separate trainings begin from their own initial values, and generate all tensors. */
function checkSeparate(base: Base, { kind, select }: Zoo, addIssue: AddIssue): void {
  const separate = kind === "seeds" || kind === "orders";
  if (separate && base.weights !== undefined) {
    addIssue(
      ["base", "weights"],
      "separate trainings begin from values of their own; leave it out, or use zoo.kind: trajectory",
      base.weights,
    );
  }
  if (separate && select !== "all") {
    addIssue(
      ["zoo", "select"],
      "separate trainings share no frozen part, so all tensors must be generated; use select: all or kind: trajectory",
      select,
    );
  }
}
