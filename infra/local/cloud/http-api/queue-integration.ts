/** The integration that needs no function: API Gateway itself sends a request to a queue. */

import * as z from 'zod';
import { AwsError } from '../aws/aws-error.ts';
import type { CloudState } from '../cloud-state.ts';
import { AccessDenied } from '../iam/access-denied.ts';
import type { Principal } from '../iam/principal.ts';
import { md5OfAttributes } from '../sqs/md5.ts';
import { type MessageAttributes, messageAttributes } from '../sqs/message.ts';
import { compileExpression, type ParameterExpression, type ParameterSource } from './request-parameters.ts';
import { gatewayResponse, type HttpApiResponse } from './response.ts';

/** The parameters of SQS-SendMessage that are known here (API Gateway developer guide, integration subtype reference). */
export const queueParameters = z.strictObject({
  QueueUrl: z.string(),
  MessageBody: z.string(),
  MessageAttributes: z.string().optional(),
  DelaySeconds: z.string().optional(),
  MessageGroupId: z.string().optional(),
  MessageDeduplicationId: z.string().optional(),
});

export type QueueParameters = z.output<typeof queueParameters>;

/** Responds to a request by sending it. */
export type QueueIntegration = (source: ParameterSource) => Promise<HttpApiResponse>;

const ATTRIBUTES = z.preprocess(
  (text) => (typeof text === 'string' ? JSON.parse(text) : text),
  messageAttributes,
);

/**
 * Compiles the integration's parameters; it sends with the rights of `role`.
 * @throws Error that names an expression that is not known.
 */
export function queueIntegration(
  parameters: QueueParameters,
  role: Principal,
  dependencies: CloudState,
): QueueIntegration {
  const expressions = Object.entries(parameters as Readonly<Record<string, string>>).map(
    ([name, text]) => [name, text, compileExpression(text)] as const,
  );
  return async (source) => {
    try {
      return await send(valuesOf(expressions, source), role, dependencies);
    } catch (error) {
      if (error instanceof MissingValue) return gatewayResponse(400, error.message);
      return refusal(error instanceof AccessDenied ? error.ofSqs : error);
    }
  };
}

class MissingValue extends Error {
  override readonly name = 'MissingValue';
}

function valuesOf(
  expressions: ReadonlyArray<readonly [name: string, text: string, expression: ParameterExpression]>,
  source: ParameterSource,
): QueueParameters {
  const values = expressions.map(([name, text, expression]) => {
    const value = expression(source);
    if (value !== undefined) return [name, value];
    throw new MissingValue(
      `Unable to resolve property ${name} from source ${text}. Please make sure that the request to API Gateway contains all the necessary fields specified in request parameters.`,
    );
  });
  return Object.fromEntries(values) as QueueParameters;
}

async function send(
  values: QueueParameters,
  role: Principal,
  { queues, ledger, access }: CloudState,
): Promise<HttpApiResponse> {
  const attributes = attributesOf(values.MessageAttributes);
  const request = {
    service: 'SQS',
    operation: 'SendMessage',
    caller: 'ApiGateway',
    body: values.MessageBody,
  } as const;
  const options = {
    attributes,
    delaySeconds: values.DelaySeconds === undefined ? undefined : Number(values.DelaySeconds),
    messageGroupId: values.MessageGroupId,
    deduplicationId: values.MessageDeduplicationId,
  };
  const sent = await ledger.run(request, () => {
    const queue = queues.byUrl(values.QueueUrl);
    access.authorize(role, [{ action: 'sqs:SendMessage', resource: queue.settings.arn }]);
    return queue.send(values.MessageBody, options);
  });
  const result = {
    MessageId: sent.messageId,
    MD5OfMessageBody: sent.bodyMd5,
    MD5OfMessageAttributes: attributes && md5OfAttributes(attributes),
    SequenceNumber: sent.sequenceNumber,
  };
  const elements = Object.entries(result).map(([name, value]) =>
    value === undefined ? '' : `<${name}>${value}</${name}>`,
  );
  return xml(
    200,
    `<SendMessageResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><SendMessageResult>${elements.join('')}</SendMessageResult></SendMessageResponse>`,
  );
}

function attributesOf(text: string | undefined): MessageAttributes | undefined {
  if (text === undefined) return undefined;
  try {
    return ATTRIBUTES.parse(text);
  } catch (cause) {
    // A path parameter with a quotation mark in it, for example.
    throw new AwsError('InvalidParameterValue', 'The message attributes are not well formed.', { cause });
  }
}

/** SQS's own refusal passes through; any other error means that SQS could not be reached. */
function refusal(error: unknown): HttpApiResponse {
  if (!(error instanceof AwsError)) return gatewayResponse(500, 'Internal Server Error', String(error));
  const fault = error.status < 500 ? 'Sender' : 'Receiver';
  const message = error.message.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return {
    ...xml(
      error.status,
      `<ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><Error><Type>${fault}</Type><Code>${error.queryCode ?? error.code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
    ),
    integrationError: error.message,
  };
}

function xml(status: number, text: string): HttpApiResponse {
  return {
    status,
    headers: { 'content-type': 'text/xml' },
    body: Buffer.from(`<?xml version="1.0"?>${text}`),
  };
}
