/** What each route takes and answers. */
import type * as z from 'zod/mini';
import { listParameters } from '../../functions/tasks/list-parameters.ts';
import { gatewayMessageSchema, problemSchema } from '../../shared/http/problem-schema.ts';
import { taskListSchema, taskSchema } from '../../shared/task/task-schema.ts';
import { usageParameters } from '../../shared/usage/usage-parameters.ts';
import { usageListSchema } from '../../shared/usage/usage-schema.ts';
import { deliveryListSchema, webhookTestSchema } from '../../shared/webhooks/webhook-schemas.ts';
import { MAX_URL_LENGTH } from '../../shared/webhooks/webhook-url.ts';
import type { Components, JsonSchema } from './components.ts';
import { errorAnswers, providerRefusal } from './errors.ts';
import { headersNamed, idempotencyKey, ifNoneMatch } from './headers.ts';
import { requestSchema } from './requests.ts';

export type Operation = JsonSchema;

/** By path, then by method. */
export function operations(components: Components): Record<string, Record<string, Operation>> {
  components.of(problemSchema, 'answer');
  components.of(gatewayMessageSchema, 'answer');
  const task = components.of(taskSchema, 'answer');
  return {
    '/v1/images/generations': { post: createTask(requestSchema(components), task) },
    '/v1/tasks': { get: listTasks(components) },
    '/v1/tasks/{id}': { get: getTask(task) },
    '/v1/tasks/{id}/deliveries': { get: listDeliveries(components) },
    '/v1/tasks/{id}/redeliver': { post: redeliver(task) },
    '/v1/usage': { get: getUsage(components) },
    '/v1/webhooks/test': { post: testWebhook(components) },
    '/v1/images/{taskId}/{index}/{signature}': { get: openImage },
    '/openapi.json': { get: getContract },
  };
}

const json = (schema: JsonSchema) => ({ content: { 'application/json': { schema } } });
const body = (schema: JsonSchema) => ({ required: true, ...json(schema) });

const path = (name: string, schema: JsonSchema, description: string) => ({
  name,
  in: 'path',
  required: true,
  description,
  schema,
});
/** Any string: what is no task's id is answered 404. */
const taskId = path('id', { type: 'string', minLength: 1 }, "The task's id.");

const validators = headersNamed('ETag', 'Cache-Control', 'Vary');
const unchanged = { description: 'Nothing has changed since `If-None-Match`. No body.', headers: validators };

/** Answers of every route that needs a key. */
const always = [401, 429, 500, 503] as const;
/** Of 429 and 503, only API Gateway's own: nothing is created here. */
const noProvider = { 429: [], 503: [] };

const createTask = (request: JsonSchema, task: JsonSchema): Operation => ({
  operationId: 'createTask',
  summary: 'Take a request, answer with its task',
  description:
    'Creates the task at the model’s provider, once. An answer that the provider never gave (a time-out, a 5xx) leaves the task `pending`; it is never created again.',
  parameters: [idempotencyKey],
  requestBody: body(request),
  responses: {
    200: {
      description:
        'The task: a new one, or with `Idempotent-Replayed` the one that this `Idempotency-Key` has created.',
      headers: headersNamed('Idempotent-Replayed'),
      ...json(task),
    },
    ...errorAnswers([413, 422, ...always]),
    ...ownOrProviders(400),
    ...ownOrProviders(402),
    ...ownOrProviders(403, ['model_not_allowed']),
    500: withUnknownOutcome(errorAnswers([500])[500]!),
    503: withUnknownOutcome(errorAnswers([503])[503]!),
    '4XX': providerRefusal(''),
    502: providerRefusal(', inside a success'),
  },
});

/** Where nobody knows whether the task was created. */
const withUnknownOutcome = (answer: JsonSchema): JsonSchema => ({
  ...answer,
  description: `${answer.description}\n\nBut for \`provider_busy\` and \`too_many_at_once\` the task may have been created: with the same \`Idempotency-Key\` the request may be sent again safely, without one it may be paid twice.`,
});

const ownOrProviders = (status: 400 | 402 | 403, codes?: readonly string[]): Record<number, JsonSchema> => ({
  [status]: withProviderCodes(errorAnswers([status], codes && { [status]: codes })[status]!),
});

/** A provider that answers so has its own code. */
const withProviderCodes = (answer: JsonSchema): JsonSchema => ({
  ...answer,
  description: `${answer.description}\n- any other: the provider's own, when it refused the request for good`,
  ...json({ $ref: '#/components/schemas/Error' }),
});

function listTasks(components: Components): Operation {
  return {
    operationId: 'listTasks',
    summary: 'Your tasks, newest first',
    description:
      'All filters together. A page may hold fewer tasks than `limit`; the last one has no `next_cursor`. Filters stay the same from page to page.',
    parameters: [...queryParameters(components, listParameters, parameterDescriptions), ifNoneMatch],
    responses: {
      200: {
        description: 'A page.',
        headers: validators,
        ...json(components.of(taskListSchema, 'answer')),
      },
      304: unchanged,
      ...errorAnswers([400, ...always], { ...noProvider, 400: ['invalid_parameters'] }),
    },
  };
}

const parameterDescriptions: Readonly<Record<keyof z.infer<typeof listParameters>, string>> = {
  status: 'Tasks with this status.',
  model: 'Tasks of this model.',
  created_after: 'Tasks created at this moment or later. A date is its midnight in UTC.',
  created_before: 'Tasks created before this moment. A date is its midnight in UTC.',
  metadata: 'Tasks whose metadata has these pairs: `metadata[order]=42`.',
  limit: 'How many tasks a page holds at the most.',
  cursor: 'The `next_cursor` of an earlier answer to the same query.',
};

function queryParameters(
  components: Components,
  schema: z.core.$ZodType,
  descriptions: Readonly<Record<string, string>>,
): JsonSchema[] {
  const { properties } = components.of(schema, 'answer') as { properties: Record<string, JsonSchema> };
  return Object.entries(descriptions).map(([name, description]) => ({
    name,
    in: 'query',
    description,
    ...(name === 'metadata' && { style: 'deepObject', explode: true }),
    schema: properties[name],
  }));
}

const usageDescriptions: Readonly<Record<keyof z.infer<typeof usageParameters>, string>> = {
  from: 'The first day, in UTC; the first of the month of `to` unless it is given.',
  to: 'The last day, in UTC; today unless it is given. At most 365 days after `from`.',
  group_by:
    '`day`, `model`, `key`, or `metadata.<name>` with a name that the deployment counts (setting `usageMetadata`).',
  cursor: 'The `next_cursor` of an earlier answer to the same query.',
};

function getUsage(components: Components): Operation {
  return {
    operationId: 'getUsage',
    summary: 'What your tasks amount to, by day and group',
    description:
      'Sums over the tasks of the key’s owner, by the day on which they were created. A minute late. A page holds whole days, but for `metadata.<name>`; the last one has no `next_cursor`.',
    parameters: [...queryParameters(components, usageParameters, usageDescriptions), ifNoneMatch],
    responses: {
      200: {
        description: 'A page.',
        headers: validators,
        ...json(components.of(usageListSchema, 'answer')),
      },
      304: unchanged,
      ...errorAnswers([400, ...always], { ...noProvider, 400: ['invalid_parameters'] }),
    },
  };
}

const getTask = (task: JsonSchema): Operation => ({
  operationId: 'getTask',
  summary: 'A task',
  parameters: [taskId, ifNoneMatch],
  responses: {
    200: { description: 'The task, as it is now.', headers: validators, ...json(task) },
    304: unchanged,
    ...errorAnswers([404, ...always], noProvider),
  },
});

const listDeliveries = (components: Components): Operation => ({
  operationId: 'listDeliveries',
  summary: "The attempts to deliver a task's webhook",
  parameters: [taskId],
  responses: {
    200: {
      description: 'The latest attempts.',
      headers: headersNamed(),
      ...json(components.of(deliveryListSchema, 'answer')),
    },
    ...errorAnswers([404, ...always], noProvider),
  },
});

const redeliver = (task: JsonSchema): Operation => ({
  operationId: 'redeliver',
  summary: "Send a task's webhook again, with the same `webhook-id`",
  parameters: [taskId],
  responses: {
    202: {
      description: 'The task; its webhook is about to be sent.',
      headers: headersNamed(),
      ...json(task),
    },
    ...errorAnswers([404, 409, ...always], noProvider),
  },
});

function testWebhook(components: Components): Operation {
  const url = {
    type: 'string',
    format: 'uri',
    maxLength: MAX_URL_LENGTH,
    description: 'A public https URL.',
  };
  return {
    operationId: 'testWebhook',
    summary: 'Send a sample event to a URL, once',
    requestBody: body(
      components.add('WebhookTestRequest', {
        type: 'object',
        properties: { url },
        required: ['url'],
        additionalProperties: false,
      }),
    ),
    responses: {
      200: {
        description: 'What came of it, also when nothing answered.',
        headers: headersNamed(),
        ...json(components.of(webhookTestSchema, 'answer')),
      },
      ...errorAnswers([400, 413, ...always], { ...noProvider, 400: ['invalid_parameters'] }),
    },
  };
}

const openImage: Operation = {
  operationId: 'openImage',
  summary: 'Redirects to an image',
  description:
    'These are the links in `results`: to be followed as they are, not to be made. They carry their own right.',
  security: [],
  parameters: [
    path('taskId', { type: 'string', minLength: 1 }, "The task's id."),
    path('index', { type: 'string', minLength: 1 }, "The image's place among the provider's results."),
    path('signature', { type: 'string', minLength: 1 }, 'Holds the expiry and proves it.'),
    {
      name: 'download',
      in: 'query',
      description: 'With it, whatever its value, a browser saves the image instead of showing it.',
      schema: { type: 'string' },
      allowEmptyValue: true,
    },
  ],
  responses: {
    302: { description: 'To the image.', headers: headersNamed('Location', 'Cache-Control') },
    ...errorAnswers([403, 404, 429, 500, 503], { ...noProvider, 403: ['link_expired'] }),
  },
};

const getContract: Operation = {
  operationId: 'getContract',
  summary: 'This document',
  security: [],
  parameters: [ifNoneMatch],
  responses: {
    200: {
      description: 'This document.',
      headers: headersNamed('ETag', 'Cache-Control', 'Access-Control-Allow-Origin'),
      ...json({ type: 'object', required: ['openapi', 'info', 'paths'] }),
    },
    304: {
      description: 'Nothing has changed since `If-None-Match`. No body.',
      headers: headersNamed('ETag', 'Cache-Control', 'Access-Control-Allow-Origin'),
    },
    ...errorAnswers([429, 500, 503], { ...noProvider, 500: [] }),
  },
};
