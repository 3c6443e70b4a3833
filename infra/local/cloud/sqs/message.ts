/** A message as the queues keep it, and what may be sent at all. */

import * as z from 'zod';
import { AwsError } from '../aws/aws-error.ts';

export const messageAttributes = z.record(
  z.string(),
  z.strictObject({
    DataType: z.string(),
    StringValue: z.string().optional(),
    /** Base64. */
    BinaryValue: z.string().optional(),
  }),
);

export type MessageAttributes = z.output<typeof messageAttributes>;

/** SQS's limit of a message, attributes included, and of a whole batch: 1 MiB. */
export const MAX_MESSAGE_BYTES = 1_048_576;
export const MAX_DELAY_SECONDS = 900;
export const MAX_VISIBILITY_SECONDS = 43_200;

/** The characters of XML 1.0, which is what SQS takes (API reference, SendMessage). Lone surrogates are none of them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the control characters are the ones allowed
const ALLOWED_CHARACTERS = /^[\u0009\u000A\u000D\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u;
const ATTRIBUTE_NAME = /^(?!aws\.|amazon\.|\.)(?!.*\.\.)[\w.-]{1,256}(?<!\.)$/i;
const DATA_TYPE = /^(String|Number|Binary)(\..+)?$/;

/** The bytes that count against the limit: the body, and each attribute's name, type and value. */
export function messageBytes(body: string, attributes: MessageAttributes): number {
  let bytes = Buffer.byteLength(body);
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue ?? '');
    bytes += Buffer.byteLength(BinaryValue ?? '', 'base64');
  }
  return bytes;
}

/**
 * Refuses what SQS refuses.
 * @throws AwsError as SQS answers for an empty, oversized or unprintable body, or a wrong attribute.
 */
export function checkMessage(body: string, attributes: MessageAttributes, maxBytes: number): void {
  if (body === '') {
    throw new AwsError('MissingParameter', 'The request must contain the parameter MessageBody.');
  }
  if (messageBytes(body, attributes) > maxBytes) {
    throw invalid(
      `One or more parameters are invalid. Reason: Message must be shorter than ${maxBytes} bytes.`,
    );
  }
  if (!ALLOWED_CHARACTERS.test(body)) throw invalidContents('the message body');
  const entries = Object.entries(attributes);
  if (entries.length > 10) throw invalid('Number of message attributes is more than 10.');
  for (const [name, value] of entries) checkAttribute(name, value);
}

function checkAttribute(name: string, value: MessageAttributes[string]): void {
  if (!ATTRIBUTE_NAME.test(name)) throw invalid(`The message attribute name '${name}' is not allowed.`);
  if (!DATA_TYPE.test(value.DataType)) {
    throw invalid(`The type of message attribute '${name}' must start with String, Number or Binary.`);
  }
  const content = value.DataType.startsWith('Binary') ? value.BinaryValue : value.StringValue;
  if (!content)
    throw invalid(`The message attribute '${name}' must contain non-empty message attribute value.`);
  if (value.StringValue && !ALLOWED_CHARACTERS.test(value.StringValue)) {
    throw invalidContents(`the message attribute '${name}'`);
  }
}

/** The error for a parameter that SQS does not take. */
export function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message, { queryCode: 'InvalidParameterValue' });
}

function invalidContents(what: string): AwsError {
  return new AwsError('InvalidMessageContents', `Invalid characters found in ${what}.`, {
    queryCode: 'InvalidMessageContents',
  });
}
