/** The HTTP API as an OpenAPI 3.1 document (docs/decisions/contracts.md). */
import { taskSchema } from '../../shared/task/task-schema.ts';
import { Components, type JsonSchema } from './components.ts';
import { answerHeaders } from './headers.ts';
import { operations } from './operations.ts';

/** @param version of the package */
export function openApiDocument(version: string): JsonSchema {
  const components = new Components();
  const paths = operations(components);
  const webhooks = { taskEnded: { post: taskEnded(components) } };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Wanhook',
      version,
      description:
        'Webhook-driven image generation with the Wan models. Routes that are for providers alone are not listed.',
    },
    // Relative to where the document is served from: every deployment has an address of its own.
    servers: [{ url: '/' }],
    security: [{ key: [] }],
    paths,
    webhooks,
    components: {
      schemas: sorted(components.schemas),
      headers: answerHeaders,
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'An API key of this deployment.' },
      },
    },
  };
}

const sorted = (schemas: Record<string, JsonSchema>): Record<string, JsonSchema> =>
  Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));

const webhookHeader = (name: string, description: string) => ({
  name,
  in: 'header',
  required: true,
  description,
  schema: { type: 'string' },
});

/** Signed in the way of Standard Webhooks. */
const taskEnded = (components: Components): JsonSchema => ({
  operationId: 'taskEnded',
  summary: 'A task has ended: sent to the `callback_url` of its request',
  security: [],
  parameters: [
    webhookHeader('webhook-id', 'The same in every attempt: drop what you have seen.'),
    webhookHeader('webhook-timestamp', 'When this attempt was made; seconds since 1970.'),
    webhookHeader('webhook-signature', '`v1,` and a signature in base64; two while the secret rotates.'),
  ],
  requestBody: {
    required: true,
    content: { 'application/json': { schema: components.of(taskSchema, 'answer') } },
  },
  responses: {
    '2XX': { description: 'Delivered. Your answer is not read beyond its first kB.' },
    410: { description: 'Gone: it is not sent again. So is the header `webhook-delivery: disable`.' },
    default: {
      description:
        'Tried again for 24 hours: after 1, 2 and 4 s, then with growing pauses. `Retry-After` is honoured, redirects are not followed.',
    },
  },
});
