/** Who signs requests: one pair of credentials for people, one per function, so that every request has a caller. */
import { createHash, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** A pair of keys, and the name of the caller under which requests signed with it are counted. */
export interface Credentials {
  readonly name: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Present for functions, whose credentials are a role's session as in AWS. */
  readonly sessionToken?: string;
}

/** The caller of every request that comes from no function and no service of the cloud. */
export const OUTSIDE = 'outside';

/** The credentials that this cloud has issued. */
export class IssuedCredentials {
  readonly #byKey = new Map<string, Credentials>();
  /** What people and tests use. */
  readonly outside: Credentials = { name: OUTSIDE, accessKeyId: 'local', secretAccessKey: 'local' };

  constructor() {
    this.#byKey.set(this.outside.accessKeyId, this.outside);
  }

  /** Issues session credentials for the function `name`. */
  issue(name: string): Credentials {
    const accessKeyId = `ASIA${createHash('sha256').update(name).digest('hex').slice(0, 16).toUpperCase()}`;
    const credentials = {
      name,
      accessKeyId,
      secretAccessKey: randomBytes(30).toString('base64url'),
      sessionToken: randomBytes(48).toString('base64url'),
    };
    this.#byKey.set(accessKeyId, credentials);
    return credentials;
  }

  /** The credentials with this access key, if the cloud issued it. */
  find(accessKeyId: string): Credentials | undefined {
    return this.#byKey.get(accessKeyId);
  }

  /** The name under which a header-signed request is counted. */
  nameOf(headers: IncomingHttpHeaders): string {
    const key = /Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1];
    return (key ? this.#byKey.get(key)?.name : undefined) ?? OUTSIDE;
  }
}
