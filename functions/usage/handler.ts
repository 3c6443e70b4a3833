/** `GET /v1/usage`: what an owner's tasks amount to. */
import middy from '@middy/core';
import { errorAnswers, type HttpEvent, type HttpResult } from '../../shared/http/api.ts';
import { jsonUnlessKnown } from '../../shared/http/entity-tag.ts';
import { requireKey, type WithCaller } from '../../shared/http/require-key.ts';
import { dynamoDbClient } from '../../shared/runtime/dependencies.ts';
import { list, variable } from '../../shared/runtime/environment.ts';
import { telemetry as telemetryOf } from '../../shared/runtime/telemetry.ts';
import { callerFinder } from '../../shared/security/api-keys.ts';
import { cursorOf } from './cursor.ts';
import { readQuery } from './read-query.ts';
import { readUsage } from './read-usage.ts';

const telemetry = telemetryOf('usage');
const dynamodb = dynamoDbClient();
const table = variable('USAGE_TABLE');
const names = list('USAGE_METADATA');
const findCaller = callerFinder(dynamodb, variable('KEYS_TABLE'), Date.now);

export const handler = middy<HttpEvent, HttpResult, Error, WithCaller>()
  .use(errorAnswers(telemetry))
  .use(requireKey(findCaller, telemetry))
  .handler(async (event, { caller }) => {
    const query = readQuery(caller.owner, event.queryStringParameters ?? {}, names, Date.now());
    const { data, next } = await readUsage(dynamodb, table, query);
    const next_cursor = next === undefined ? null : cursorOf(query, next);
    return jsonUnlessKnown(event, { object: 'list', data, next_cursor });
  });
