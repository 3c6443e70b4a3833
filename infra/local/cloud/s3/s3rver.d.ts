// s3rver ships no types; these are the parts of it that the local cloud uses.
declare module 's3rver' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  interface StoredObject {
    bucket: string;
    key: string;
    content: Buffer | NodeJS.ReadableStream;
    metadata: Record<string, string>;
  }

  interface Store {
    getResourcePath(bucket: string, key: string | undefined, resource: string): string;
    putMetadata(bucket: string, key: string, metadata: Record<string, string>, md5: string): Promise<void>;
    putObject(object: StoredObject): Promise<{ size: number; md5: string }>;
    existsObject(bucket: string, key: string): Promise<boolean>;
    putBucket(bucket: string): Promise<unknown>;
  }

  export default class S3rver {
    constructor(options: { directory: string; silent: boolean; vhostBuckets: boolean });
    readonly store: Store;
    /** Koa's: the first is the logger. */
    readonly middleware: unknown[];
    readonly context: { logger: Record<'info' | 'warn' | 'error', () => void> };
    readonly logger: { close(): void; exceptions: { unhandle(): void } };
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  }
}
