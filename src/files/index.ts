/** The room of plain files: whole-file writes that either happen or do not, JSON, checksums. */
export { readJson, removeTemporaries, sha256File, writeAtomic, writeJson } from "./atomic.ts";
