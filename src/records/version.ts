/** The version of the records. A file of another version is refused, and can be made again. */
import { z } from "zod";

/** Rises whenever a record changes so that older files can no longer be read. */
export const SCHEMA_VERSION = 1;

/** Version of the record. */
export const schemaVersion = z.literal(SCHEMA_VERSION);
