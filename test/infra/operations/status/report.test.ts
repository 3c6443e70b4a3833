/** The screen, and the commands on it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commandsFor } from '../../../../infra/operations/status/commands.ts';
import { diagnose } from '../../../../infra/operations/status/diagnose.ts';
import { screen } from '../../../../infra/operations/status/report.ts';
import { healthy, known, outputs, queuesWith } from './facts.ts';

const { scripts } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../package.json'), 'utf8'),
) as { scripts: Record<string, string> };

test('a healthy deployment fits on a screen and ends with the verdict', () => {
  const text = screen('Wanhook', diagnose(healthy, commandsFor(outputs, 'outputs.json')));

  expect(text.split('\n').length).toBeLessThanOrEqual(40);
  expect(text).toMatch(/^Wanhook\n\nproviders {6}✓ EvoLink /);
  expect(text).toMatch(/\n\n✓ Healthy$/);
  expect(text).not.toContain('\u001b');
});

test('troubles come last, each with its command, and one command for several', () => {
  const facts = {
    ...healthy,
    apiKeys: known(0),
    queues: queuesWith({ CallbacksDeadLetters: 1, StatusDeadLetters: 2 }),
  };
  const text = screen('Wanhook', diagnose(facts, commandsFor(outputs, 'outputs.json')));

  expect(text).toContain(`
✗ 3 troubles

API keys: callers:
  npm run keys -- create outputs.json --owner OWNER

dead letters: CallbacksDeadLetters, dead letters: StatusDeadLetters:
  npm run redrive -- outputs.json --go`);
});

test('commands are for the deployment that was asked, and what a shell would take apart is quoted', () => {
  const { redrive, enableRule, setProviderKeys, readLog } = commandsFor(
    outputs,
    "my 'own'/outputs.json",
    'http://127.0.0.1:4566',
  );

  expect(redrive).toBe(
    String.raw`npm run redrive -- 'my '\''own'\''/outputs.json' --go --endpoint http://127.0.0.1:4566`,
  );
  expect(enableRule('r')).toBe(
    'aws --endpoint-url http://127.0.0.1:4566 events enable-rule --event-bus-name wanhook --name r',
  );
  expect(setProviderKeys).toMatch(/--secret-id arn:aws:\S+ --secret-string '\{"evolink":"…","vtrix":"…"\}'$/);
  expect(readLog('f')).toMatch(/^aws .* logs tail --since 1h "\$\(aws .* --function-name f .*\)"$/);
});

test('every command of ours that is advised is one that there is', () => {
  const { redrive, createKey } = commandsFor(outputs, 'outputs.json');

  for (const command of [redrive, createKey]) {
    expect(Object.keys(scripts)).toContain(/^npm run (\S+) -- /.exec(command)?.[1]);
  }
});
