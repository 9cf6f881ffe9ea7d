import { expect, it } from "vitest";

import { problemWith } from "../recipe.fixture.ts";

it.each<[string, string[], string | RegExp]>([
  [
    "a network without weights that is not trained",
    ["base.epochs=0"],
    "base.epochs: a network without weights needs training; use at least 1, or give base.weights (got 0)",
  ],
  [
    "a user's own set without its folder",
    ["data.name=folder"],
    "data.folder: missing: say where your images are, as in data.folder=DIR (got nothing)",
  ],
  [
    "a folder for another set",
    ["data.folder=images"],
    'data.folder: only a set named folder takes one; use name: folder, or leave it out (got "images")',
  ],
  [
    "more held-out checkpoints than a trajectory has",
    ["zoo.heldOut=11"],
    "zoo.heldOut: more than the 10 checkpoints of the trajectory; use at most zoo.count (got 11)",
  ],
  [
    "a zoo of files without files",
    ["zoo.kind=files", "base.weights=a.pth", "base.epochs=0"],
    "zoo.files: missing: say which checkpoints to learn from, as in zoo.files='ckpts/*.pth' (got nothing)",
  ],
  [
    "held-out files of a zoo that is trained",
    ["zoo.heldOutFiles=b/*.pth"],
    'zoo.heldOutFiles: only a zoo of kind files takes it; use zoo.kind: files, or leave it out (got "b/*.pth")',
  ],
  [
    "unseen networks of a trajectory",
    ["zoo.unseen=4"],
    "zoo.unseen: only separate trainings have unseen networks; use zoo.kind: seeds, or zoo.unseenFiles for files, or leave it out (got 4)",
  ],
  ["files of another zoo", ["zoo.files=a.pth"], /^zoo\.files: only a zoo of kind files takes them/],
  [
    "a zoo of files that is laid over no checkpoint",
    ["zoo.kind=files", "zoo.files=a.pth"],
    /^base\.weights: a zoo of files needs the checkpoint that generated tensors are laid over/,
  ],
  [
    "separate trainings of a part",
    ["zoo.kind=seeds", "zoo.select=fc1.*"],
    /zoo\.select: separate trainings share no frozen part.*use select: all or kind: trajectory/,
  ],
  [
    "separate trainings from given weights",
    ["zoo.kind=orders", "base.weights=a.pth"],
    /^base\.weights: separate trainings begin from values of their own/,
  ],
])("refuses %s", (_, changes, message) => {
  expect(problemWith(...changes)).toMatch(message);
});
