// Who signs requests: one pair of credentials for people, one a function, so that every request can be attributed.

import { createHash, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Credentials, and the name that requests signed with them are counted under. */
export interface Caller {
  readonly name: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Present for functions, whose credentials are a role's session as in AWS. */
  readonly sessionToken?: string;
}

/** The caller of everything that no function and no service of the cloud asked for. */
export const OUTSIDE = 'outside';

/** The credentials known to this cloud. */
export class Callers {
  readonly #byKey = new Map<string, Caller>();
  /** What people and tests use; the pair is s3rver's documented one. */
  readonly outside: Caller = { name: OUTSIDE, accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

  constructor() {
    this.#byKey.set(this.outside.accessKeyId, this.outside);
  }

  /** Issues session credentials for the function `name`. */
  issue(name: string): Caller {
    const accessKeyId = `ASIA${createHash('sha256').update(name).digest('hex').slice(0, 16).toUpperCase()}`;
    const caller = {
      name,
      accessKeyId,
      secretAccessKey: randomBytes(30).toString('base64url'),
      sessionToken: randomBytes(48).toString('base64url'),
    };
    this.#byKey.set(accessKeyId, caller);
    return caller;
  }

  /** The caller with this access key, if the cloud issued it. */
  find(accessKeyId: string): Caller | undefined {
    return this.#byKey.get(accessKeyId);
  }

  /** The name to count a header-signed request under. */
  nameOf(headers: IncomingHttpHeaders): string {
    const key = /Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1];
    return (key ? this.#byKey.get(key)?.name : undefined) ?? OUTSIDE;
  }
}
