/** What the build gives the page beside its own modules. */

/** The limits, read from the models' schemas: the page ships data, not a schema library. */
declare module 'wanhook:limits' {
  import type { AllLimits } from '../../../shared/models/limits.ts';

  const limits: AllLimits;
  export default limits;
}

/** Gathered into one file beside the script. */
declare module '*.css' {}
