import { expect, it } from "vitest";

import { continuesFromSnapshot, progressItem, sampleSnapshotItem, trainReferenceItem } from "./progress-items.ts";

it("an item has an id for programs and a label for people", () => {
  expect(progressItem("fit-denoiser")).toEqual({ id: "fit-denoiser", label: "training the denoiser" });
  expect(trainReferenceItem(2, 3)).toEqual({ id: "train-reference-2", label: "training reference network 2 of 3" });
  expect(sampleSnapshotItem(500)).toEqual({ id: "sample-snapshot-500", label: "sampling the denoiser of step 500" });
});

it("trainings and sampling continue from snapshots, other work piece by piece", () => {
  for (const id of ["train-base", "fit-autoencoder", "denoise", "train-reference-7"])
    expect(continuesFromSnapshot(id)).toBe(true);
  for (const id of ["predict", "write-networks", "sample-snapshot-500"]) expect(continuesFromSnapshot(id)).toBe(false);
});
