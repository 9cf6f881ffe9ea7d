/**
 * Files: atomic writes, lines and folders, JSON, checksums. Also what reads untrusted files safely:
 * archives, pickles without running them, and names as messages can show them.
 */
export {
  appendLine,
  makeFolder,
  readJson,
  remove,
  removeTemporaries,
  sha256File,
  syncFolder,
  writeAtomic,
  writeJson,
} from "./atomic.ts";
export { exists } from "./exists.ts";
export { FOREIGN_BYTES, type ForeignFile, foreignFile } from "./foreign-file.ts";
export { freeSpace } from "./free-space.ts";
export { holderText, type Lock, lockHolder, takeLock } from "./lock.ts";
export { MAX_OPEN_FILES, mapFiles, type OpenFiles, openFiles } from "./open-files.ts";
export { dictKey, InertValue, type PickleRules, type PythonObject, type Unpickled, unpickle } from "./pickle.ts";
export { isRunning, type ProcessIdentity, thisProcess } from "./process-identity.ts";
export { openRegular, openRegularSync, type ReadProblem, readProblem, readRegular } from "./regular-file.ts";
export { abandonedTemporaries, isTemporary, removeTemporariesOf, temporaryName } from "./temporary.ts";
export { safePath, type Unpack, type Unpacked, unpackArchive } from "./unpack.ts";
