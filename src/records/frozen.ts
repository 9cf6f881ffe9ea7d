/** The type of a record: what its schema gives, with every field read-only. */
import type { z } from "zod";

type Frozen<T> = T extends object ? { readonly [Key in keyof T]: Frozen<T[Key]> } : T;

/** What a schema gives, read-only all the way down. */
export type RecordOf<Schema extends z.ZodType> = Frozen<z.output<Schema>>;
