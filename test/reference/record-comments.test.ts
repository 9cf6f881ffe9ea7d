import { expect, it } from "vitest";
import { commentAt, describedRecord } from "./record-comments.ts";

const [audit, results] = [describedRecord("audit"), describedRecord("results")];

it.each([
  ["verdict.meaning", "What that means, in a sentence."],
  ["groups[].score.sd", "Divided by the number of networks."],
  ["copying.copies.near", "Within the radius of one original, and far from all others."],
  ["collage.units", "Hidden units of a network."],
  ["groups[].family", "Where the networks come from."],
  ["groups[].nothing", ""],
])("the comment of %s is found where it is, in this or another file", (path, comment) => {
  expect(commentAt(audit, path)).toBe(comment);
});

it("says nothing of summaries, whose comments are of no field", () => {
  expect(describedRecord("interval").comment).toBe("");
  expect(commentAt(results, "classification.originals.chosenTest")).toMatch(/^Test accuracy of the network/);
});
