/**
 * Tests that take long and repeat others at more places or sizes run with `PDIFF_THOROUGH=1 npm
 * test`; otherwise they are shown as skipped.
 */
import { it } from "vitest";

export const isThorough = process.env.PDIFF_THOROUGH !== undefined;

/** Declares such a test. */
export const itThoroughly = it.skipIf(!isThorough);
