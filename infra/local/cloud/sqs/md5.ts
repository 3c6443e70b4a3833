/** The digests with which SQS answers a message, and by which the SDK checks that it arrived whole. */

import { createHash } from 'node:crypto';
import type { MessageAttributes } from './message.ts';

/** MD5 of a message's body, in hex. */
export function md5OfBody(body: string): string {
  return createHash('md5').update(body, 'utf8').digest('hex');
}

/** MD5 of message attributes, in hex, over SQS's documented encoding: sorted by name, every part with its length. */
export function md5OfAttributes(attributes: MessageAttributes): string {
  const digest = createHash('md5');
  for (const name of Object.keys(attributes).sort()) {
    const { DataType, StringValue, BinaryValue } = attributes[name]!;
    const binary = StringValue === undefined;
    digest.update(sized(Buffer.from(name)));
    digest.update(sized(Buffer.from(DataType)));
    digest.update(Buffer.from([binary ? 2 : 1]));
    digest.update(sized(binary ? Buffer.from(BinaryValue ?? '', 'base64') : Buffer.from(StringValue)));
  }
  return digest.digest('hex');
}

function sized(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
