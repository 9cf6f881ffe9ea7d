/** The numbers that baselines take after the colon of their names. */
import { z } from "zod";

/** A standard deviation. */
export const standardDeviation = z.number().refine((n) => n > 0 && Number.isFinite(n), "a standard deviation above 0");

/** A whole number, at least `least`. */
export const wholeNumber = (least: number): z.ZodNumber =>
  z.number().refine((n) => Number.isInteger(n) && n >= least, `a whole number from ${least}`);
