/** A signer with one key, as a deployment has before its first rotation. */
import { type Signer, signer } from '../../shared/security/signer.ts';

/** @param now milliseconds since 1970 */
export const signerWith = (secret = 'root-secret', now: () => number = Date.now): Signer =>
  signer([{ id: '1', secret, signsFrom: 0 }], now);
