import { expect, it } from "vitest";

import { none } from "./none.ts";
import { normalise } from "./normalisation.ts";
import { fit, rows } from "./rows.fixture.ts";

it("leaves everything as it is", async () => {
  expect(normalise(await fit(none, rows), rows)).toEqual(rows);
});
