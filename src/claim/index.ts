/** The room of claims: what of a run folder stays when its recipe changes. */

export { type Claim, type ClaimOptions, claimFolder, type Redo } from "./claim-folder.ts";
export { firstStageOf } from "./first-stage.ts";
