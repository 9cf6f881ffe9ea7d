import { expect, it } from "vitest";

import { sentences } from "./sentences.ts";

it("joins the sentences that are there", () => {
  expect(sentences("One.", "", undefined, false, "Two.")).toBe("One. Two.");
});
