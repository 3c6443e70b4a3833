/** Who signs requests: one pair of credentials for people, one per function, so that every request has a caller. */
import { createHash, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Principal } from '../iam/principal.ts';

/** A pair of keys, and whom it belongs to. */
export interface Credentials {
  /** Under which the caller's requests are counted. */
  readonly name: string;
  /** Whose policies decide on them. */
  readonly principal: Principal;
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
  readonly outside: Credentials;

  /** @param outside whom people and tests are taken for */
  constructor(outside: Principal) {
    this.outside = {
      name: OUTSIDE,
      principal: outside,
      accessKeyId: 'local',
      secretAccessKey: 'local',
    };
    this.#byKey.set(this.outside.accessKeyId, this.outside);
  }

  /** Issues session credentials for the function `name`. */
  issue(name: string, principal: Principal): Credentials {
    const accessKeyId = `ASIA${createHash('sha256').update(name).digest('hex').slice(0, 16).toUpperCase()}`;
    const credentials = {
      name,
      principal,
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

  /** Who signed a request in its header; whoever has no credentials of this cloud counts as outside. */
  signerOf(headers: IncomingHttpHeaders): Credentials {
    const key = /Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1];
    return (key ? this.#byKey.get(key) : undefined) ?? this.outside;
  }
}
