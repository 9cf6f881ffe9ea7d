/**
 * What the parts of a generator have in common. An autoencoder, a denoiser, a sampler or a
 * normalisation is one value that describes itself: its name in recipes, its options with bounds,
 * defaults and descriptions, and what it builds. Recipes, plans and stages read that description
 * and know no part by name.
 */
import { z } from "zod";
import { suggestion, UserError } from "../errors.ts";

/** A part as a resolved recipe holds it, such as `{ type: conv, latent: 64, … }`. */
export interface PartOptions {
  /** Which part. */
  readonly type: string;
}

/** What is wrong with options, and with which of them. */
export interface OptionsProblem {
  readonly message: string;
  /** The path below the part; all of it by default. */
  readonly at?: readonly string[];
}

/** What every part says of itself. */
export interface Part<Options = PartOptions> {
  /** Its name in recipes. */
  readonly type: string;
  /** One sentence. */
  readonly description: string;
  /** The options as zod fields, each with a default where it has a usual value. */
  readonly options: z.ZodRawShape;
  /** What is wrong with options that are allowed each by itself; undefined if nothing is. */
  problem?(options: Options): OptionsProblem | undefined;
}

/** The schema of a choice among parts, which `type` distinguishes. */
export function partSchema(parts: readonly Part[]): z.ZodType<PartOptions>;
/**
 * The schema of a choice among parts.
 * @param more fields that every part has after its own options.
 */
export function partSchema<More extends z.ZodRawShape>(
  parts: readonly Part[],
  more: More,
): z.ZodType<PartOptions & z.output<z.ZodObject<More>>>;
export function partSchema(parts: readonly Part[], more: z.ZodRawShape = {}): z.ZodType<PartOptions> {
  const variants = parts.map((part) =>
    z
      .strictObject({ type: z.literal(part.type).describe(part.description), ...part.options, ...more })
      .check(({ value, issues }) => {
        const problem = part.problem?.(value as unknown as PartOptions);
        if (problem === undefined) return;
        const { message, at = [] } = problem;
        issues.push({ code: "custom", message, path: [...at], input: value });
      }),
  );
  const [first, ...others] = variants;
  if (first === undefined) throw new Error("there are no parts to choose from");
  return z.discriminatedUnion("type", [first, ...others]) as unknown as z.ZodType<PartOptions>;
}

/** The default options of a part; options without a default are left out. */
export function defaultsOf({ options }: Part): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, field]) => {
      const found = z.safeParse(field, undefined);
      return found.success && found.data !== undefined ? [[name, found.data]] : [];
    }),
  );
}

/**
 * The part of a type.
 * @param what the parts are, for the message.
 * @throws UserError `E_CONFIG` where there is none.
 */
export function partOf<P extends { readonly type: string }>(
  parts: readonly P[],
  { type }: PartOptions,
  what: string,
): P {
  const found = parts.find((part) => part.type === type);
  if (found !== undefined) return found;
  const hint = suggestion(
    type,
    parts.map((part) => part.type),
  );
  throw new UserError(
    "E_CONFIG",
    `unknown ${what} ${JSON.stringify(type)}; pass it to the function that you call.${hint}`,
  );
}
