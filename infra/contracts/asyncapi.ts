/** The bus as an AsyncAPI 3 document, and its events as one JSON Schema (docs/decisions/contracts.md). */
import { type DetailType, eventDetailSchemas, eventSchema } from '../../shared/events/event-schema.ts';
import { EVENT_SOURCE } from '../../shared/events/names.ts';
import { Components, type JsonSchema, reference } from './components.ts';

const detailTypes = Object.keys(eventDetailSchemas) as DetailType[];

/** `Image Task Created` as a component's name. */
const nameOf = (detailType: DetailType): string => detailType.replaceAll(' ', '');

/** @returns each event's schema, as a component */
function eventComponents(): Components {
  const components = new Components();
  for (const detailType of detailTypes) {
    components.add(nameOf(detailType), components.of(eventSchema(detailType), 'answer'));
  }
  return components;
}

/** @param version of the package */
export function asyncApiDocument(version: string): JsonSchema {
  const { schemas } = eventComponents();
  const messages = Object.fromEntries(detailTypes.map((type) => [nameOf(type), messageOf(type)]));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Wanhook events',
      version,
      description:
        'What other services learn from the bus. An event comes at least once, always with the same `detail.id`, and never before GET /v1/tasks/{id} shows it.',
    },
    defaultContentType: 'application/json',
    servers: {
      eventBridge: {
        host: 'events.amazonaws.com',
        protocol: 'eventbridge',
        description: 'Amazon EventBridge, in the account and region of the deployment.',
      },
    },
    channels: {
      bus: {
        address: 'wanhook',
        description: `The event bus; of a deployment with a stage, \`wanhook-<stage>\`. A rule asks for the source \`${EVENT_SOURCE}\` and for detail types.`,
        servers: [{ $ref: '#/servers/eventBridge' }],
        messages: Object.fromEntries(
          Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]),
        ),
      },
    },
    operations: {
      publish: {
        action: 'send',
        summary: 'Every change of outcome is put on the bus.',
        channel: { $ref: '#/channels/bus' },
        messages: Object.keys(messages).map((name) => ({ $ref: `#/channels/bus/messages/${name}` })),
      },
    },
    components: { messages, schemas },
  };
}

const messageOf = (detailType: DetailType): JsonSchema => ({
  name: detailType,
  title: detailType,
  payload: reference(nameOf(detailType)),
});

/** Any event of ours, for who validates what a queue or a function has received. */
export function eventJsonSchema(): JsonSchema {
  const { schemas } = eventComponents();
  const $defs = JSON.parse(JSON.stringify(schemas).replaceAll('"#/components/schemas/', '"#/$defs/'));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'An event of Wanhook, as EventBridge hands it to a target',
    oneOf: detailTypes.map((detailType) => ({ $ref: `#/$defs/${nameOf(detailType)}` })),
    $defs,
  };
}
