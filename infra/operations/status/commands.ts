/** The commands that mend a deployment, ready to be pasted: with its outputs file, and its endpoint where it has one. */
import { forEachProvider } from '../../../shared/providers/definitions.ts';
import type { StatusOutputs } from './facts.ts';

export interface Commands {
  readonly setProviderKeys: string;
  readonly createKey: string;
  readonly redrive: string;
  readonly deploy: string;
  enableEventSource(uuid: string): string;
  enableRule(name: string): string;
  /** Shows why a function fails. */
  readLog(functionName: string): string;
  /** Makes `publish` publish a task's record again, which gives it a new timer. */
  republish(taskId: string): string;
  ringAgain(alarm: string): string;
  readAlarm(alarm: string): string;
  subscribe(protocol: string, endpoint: string): string;
}

/**
 * @param file the outputs file, as it was given
 * @param endpoint of an emulator
 */
export function commandsFor(outputs: StatusOutputs, file: string, endpoint?: string): Commands {
  const npm = (script: string, ...words: readonly string[]) =>
    shell(['npm', 'run', script, '--', ...words, ...(endpoint ? ['--endpoint', endpoint] : [])]);
  const aws = (...words: readonly string[]) =>
    shell(['aws', ...(endpoint ? ['--endpoint-url', endpoint] : []), ...words]);
  const keys = JSON.stringify(forEachProvider(() => '…'));
  return {
    setProviderKeys: aws(
      'secretsmanager',
      'put-secret-value',
      '--secret-id',
      outputs.ProviderKeysSecret,
      '--secret-string',
      keys,
    ),
    createKey: npm('keys', 'create', file, '--owner', 'OWNER'),
    redrive: npm('redrive', file, '--go'),
    deploy: shell(['npx', 'cdk', 'deploy', '--outputs-file', file]),
    enableEventSource: (uuid) => aws('lambda', 'update-event-source-mapping', '--uuid', uuid, '--enabled'),
    enableRule: (name) => aws('events', 'enable-rule', '--event-bus-name', outputs.BusName, '--name', name),
    readLog: (functionName) => {
      const query = ['--query', 'LoggingConfig.LogGroup', '--output', 'text'];
      const group = aws('lambda', 'get-function-configuration', '--function-name', functionName, ...query);
      return `${aws('logs', 'tail', '--since', '1h')} "$(${group})"`;
    },
    republish: (id) => {
      const update = ['dynamodb', 'update-item', '--table-name', outputs.TasksTable];
      const key = ['--key', JSON.stringify({ id: { S: id } })];
      const values = ['--expression-attribute-values', JSON.stringify({ ':now': { S: 'by hand' } })];
      const mark = aws(...update, ...key, '--update-expression', 'SET republish = :now', ...values);
      return `${mark} && ${aws(...update, ...key, '--update-expression', 'REMOVE republish')}`;
    },
    ringAgain: (alarm) => aws('cloudwatch', 'enable-alarm-actions', '--alarm-names', alarm),
    readAlarm: (alarm) => aws('cloudwatch', 'describe-alarm-history', '--alarm-name', alarm),
    subscribe: (protocol, address) =>
      aws(
        'sns',
        'subscribe',
        '--topic-arn',
        outputs.AlarmTopic,
        '--protocol',
        protocol,
        '--notification-endpoint',
        address,
      ),
  };
}

/** Words of a shell's command; what a shell would take apart is quoted. */
const shell = (words: readonly string[]): string => words.map(quoted).join(' ');

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
