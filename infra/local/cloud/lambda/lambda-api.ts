/** The Lambda API (REST, JSON): the event source mappings, which can be listed, switched off and on. */
import * as z from 'zod';
import { type ApiDependencies, apiHandler, asAwsError, INVALID_INPUT, operation, send } from '../aws/api.ts';
import { AwsError } from '../aws/aws-error.ts';
import { parseJson } from '../aws/json-service.ts';
import { AccessDenied } from '../iam/access-denied.ts';
import type { EventSource } from './event-source.ts';

const PATH = '/2015-03-31/event-source-mappings';
const JSON_TYPE = 'application/json';
/** Lambda's own page, and the most that can be asked for. */
const PAGE = 100;

const list = z.strictObject({
  EventSourceArn: z.string().optional(),
  FunctionName: z.string().optional(),
  Marker: z.string().regex(/^\d+$/, 'must be one that was answered').transform(Number).default(0),
  MaxItems: z.coerce.number().int().min(1).max(10_000).default(PAGE),
});
const update = z.strictObject({ UUID: z.string(), Enabled: z.boolean() });

/** The request handler of the Lambda API. */
export function lambdaApi(sources: readonly EventSource[], dependencies: ApiDependencies) {
  const operations = {
    ListEventSourceMappings: operation(
      list,
      () => ({ action: 'lambda:ListEventSourceMappings', resource: '*' }),
      (input) => {
        const found = sources.filter((source) => fits(source, input));
        const end = input.Marker + Math.min(input.MaxItems, PAGE);
        return {
          EventSourceMappings: found.slice(input.Marker, end).map((source) => configuration(source)),
          ...(end < found.length && { NextMarker: String(end) }),
        };
      },
    ),
    UpdateEventSourceMapping: operation(
      update,
      ({ UUID }) => ({
        action: 'lambda:UpdateEventSourceMapping',
        resource: find(sources, UUID)?.settings.arn ?? '*',
      }),
      ({ UUID, Enabled }) => {
        const source = find(sources, UUID);
        if (!source) throw notFound();
        const before = source.enabled;
        source.enable(Enabled);
        const changing = Enabled ? 'Enabling' : 'Disabling';
        return { ...configuration(source), ...(before !== Enabled && { State: changing }) };
      },
    ),
  };
  return apiHandler(
    {
      name: 'Lambda',
      read: (request, body) => {
        const url = new URL(request.url ?? '', 'http://lambda');
        const uuid = url.pathname.startsWith(`${PATH}/`) ? url.pathname.slice(PATH.length + 1) : '';
        if (request.method === 'GET' && url.pathname.replace(/\/$/, '') === PATH) {
          const name = 'ListEventSourceMappings';
          return {
            operation: name,
            run: operations[name],
            input: () => Object.fromEntries(url.searchParams),
          };
        }
        if (request.method === 'PUT' && uuid) {
          const name = 'UpdateEventSourceMapping';
          const input = () => ({ ...(parseJson(body) as object), UUID: uuid });
          return { operation: name, run: operations[name], input };
        }
        const known = Object.keys(operations).join(', ');
        throw new AwsError(
          'UnknownOperationException',
          `the local Lambda knows ${known}, not ${request.method} ${url.pathname}`,
          { status: 404 },
        );
      },
      answer: (response, result, name) =>
        send(response, {
          status: name === 'UpdateEventSourceMapping' ? 202 : 200,
          type: JSON_TYPE,
          body: JSON.stringify(result),
        }),
      refuse: (response, error) => {
        const known = asAwsError(error);
        const code = known.code === INVALID_INPUT ? 'InvalidParameterValueException' : known.code;
        response.setHeader('x-amzn-errortype', code);
        const status = error instanceof AccessDenied ? 403 : known.status;
        const body = JSON.stringify({ Type: 'User', Message: known.message });
        send(response, { status, type: JSON_TYPE, body });
      },
    },
    dependencies,
  );
}

const find = (sources: readonly EventSource[], uuid: string): EventSource | undefined =>
  sources.find(({ settings }) => settings.uuid === uuid);

const notFound = (): AwsError =>
  new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.', { status: 404 });

/** A function is named, or given by its ARN. */
const fits = ({ settings }: EventSource, { EventSourceArn, FunctionName }: z.output<typeof list>): boolean =>
  (EventSourceArn === undefined || settings.sourceArn === EventSourceArn) &&
  (FunctionName === undefined ||
    settings.functionArn === FunctionName ||
    settings.functionArn.endsWith(`:function:${FunctionName}`));

function configuration({ settings, enabled, modifiedAt }: EventSource) {
  const { maximumConcurrency } = settings;
  return {
    UUID: settings.uuid,
    EventSourceMappingArn: settings.arn,
    EventSourceArn: settings.sourceArn,
    FunctionArn: settings.functionArn,
    BatchSize: settings.batchSize,
    MaximumBatchingWindowInSeconds: settings.windowSeconds,
    ...(maximumConcurrency !== undefined && { ScalingConfig: { MaximumConcurrency: maximumConcurrency } }),
    State: enabled ? 'Enabled' : 'Disabled',
    StateTransitionReason: 'USER_INITIATED',
    LastModified: modifiedAt / 1000,
  };
}
