/** Does what `npm run keys` was called for. */
import { canonicalJson } from '../../../shared/runtime/json.ts';
import type { ApiKeyRow } from '../../../shared/security/api-keys.ts';
import { newKey } from '../api-keys.ts';
import { currentWebhookSecret, rotateWebhookSecret, type WebhookSecrets } from '../webhook-secrets.ts';
import { budgetTable, isoTime, keysTable, shownBudget, shownKey } from './answers.ts';
import {
  type BudgetTables,
  changed,
  changedBudget,
  clearBudget,
  putBudget,
  readBudget,
  usedOf,
} from './budgets.ts';
import { createKey } from './create-key.ts';
import { changeAll, keysOfOwner, keysWhere, keysWithId, type RowUpdate } from './key-rows.ts';
import type { Command } from './read-command.ts';
import { rotateKey } from './rotate-key.ts';

export interface KeysDeployment extends WebhookSecrets, BudgetTables {
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The same, for machines and for people. */
export interface Answer {
  readonly json: unknown;
  readonly text: string;
}

type Named<Name extends Command['name']> = Extract<Command, { readonly name: Name }>;

/**
 * @throws BadInput when nothing can be done as it was asked: nothing was changed
 * @throws Error for whatever else went wrong
 */
export function runCommand(deployment: KeysDeployment, command: Command): Promise<Answer> {
  switch (command.name) {
    case 'create':
      return create(deployment, command);
    case 'list':
      return list(deployment, command);
    case 'disable':
    case 'enable':
      return switchKey(deployment, command);
    case 'limits':
      return limits(deployment, command);
    case 'budget':
      return budget(deployment, command);
    case 'rotate':
      return rotate(deployment, command);
    case 'rotate-webhook-secret':
      return rotateSecret(deployment, command);
  }
}

const secondsOf = ({ now }: KeysDeployment): number => Math.floor(now() / 1000);

async function create(deployment: KeysDeployment, { owner, limits }: Named<'create'>): Promise<Answer> {
  const key = newKey();
  const row = await createKey(deployment, {
    owner,
    key,
    created: secondsOf(deployment),
    limits: changed({}, limits),
  });
  const webhookSecret = await currentWebhookSecret(deployment, { owner, keyId: row.key_id });
  return {
    json: { key, ...shownKey(row, secondsOf(deployment)), webhook_secret: webhookSecret },
    text: [
      `key             ${key}`,
      `key id          ${row.key_id}`,
      `webhook secret  ${webhookSecret}`,
      ...(row.budgeted ? [`${owner} has a budget, which this key shares.`] : []),
    ].join('\n'),
  };
}

async function list(deployment: KeysDeployment, { owner }: Named<'list'>): Promise<Answer> {
  const rows =
    owner === undefined ? await keysWhere(deployment, () => true) : await keysOfOwner(deployment, owner);
  return shown(deployment, rows);
}

function shown(deployment: KeysDeployment, rows: readonly ApiKeyRow[]): Answer {
  const keys = rows.map((row) => shownKey(row, secondsOf(deployment)));
  return { json: keys, text: keysTable(keys) };
}

async function switchKey(
  deployment: KeysDeployment,
  { name, keyId }: Named<'disable' | 'enable'>,
): Promise<Answer> {
  const update: RowUpdate =
    name === 'disable'
      ? { expression: 'SET disabled = :yes', values: { ':yes': true } }
      : { expression: 'REMOVE disabled' };
  await keysWithId(deployment, keyId);
  await changeAll(
    deployment,
    (row) => row.key_id === keyId && (row.disabled === true) !== (name === 'disable'),
    update,
  );
  return shown(deployment, await keysWithId(deployment, keyId));
}

async function limits(deployment: KeysDeployment, { keyId, change }: Named<'limits'>): Promise<Answer> {
  const rows = await keysWithId(deployment, keyId);
  if (Object.keys(change).length > 0) {
    const next = changed(rows.at(-1)!.limits ?? {}, change);
    const isNone = Object.keys(next).length === 0;
    await changeAll(
      deployment,
      (row) => row.key_id === keyId && canonicalJson(row.limits ?? {}) !== canonicalJson(next),
      isNone
        ? { expression: 'REMOVE limits' }
        : { expression: 'SET limits = :limits', values: { ':limits': next } },
    );
  }
  return shown(deployment, await keysWithId(deployment, keyId));
}

async function budget(deployment: KeysDeployment, { owner, change }: Named<'budget'>): Promise<Answer> {
  await keysOfOwner(deployment, owner);
  const before = await readBudget(deployment, owner);
  const next = change === 'clear' ? {} : changedBudget(before ?? {}, change);
  if (change === 'clear' || Object.keys(change).length > 0) {
    const isNone = Object.keys(next).length === 0;
    await (isNone ? clearBudget(deployment, owner) : putBudget(deployment, owner, next));
  }
  const present = await readBudget(deployment, owner);
  const used = present && (await usedOf(deployment, owner, present, deployment.now()));
  const json = shownBudget(owner, present, used);
  return { json, text: budgetTable(json) };
}

async function rotate(
  deployment: KeysDeployment,
  { keyId, overlapSeconds }: Named<'rotate'>,
): Promise<Answer> {
  const key = newKey();
  const now = secondsOf(deployment);
  const { row, until } = await rotateKey(deployment, keyId, { key, now, overlapSeconds });
  return {
    json: { key, ...shownKey(row, now), previous_expires_at: isoTime(until) },
    text: [
      `key     ${key}`,
      `key id  ${keyId}, as before; its webhook secret stays too`,
      `The key before it is accepted until ${isoTime(until)}.`,
    ].join('\n'),
  };
}

async function rotateSecret(
  deployment: KeysDeployment,
  { keyId, force }: Named<'rotate-webhook-secret'>,
): Promise<Answer> {
  const [{ owner }] = await keysWithId(deployment, keyId);
  const rotated = await rotateWebhookSecret(
    deployment,
    { owner, keyId },
    { now: secondsOf(deployment), force },
  );
  if (rotated.kind === 'too_soon') {
    throw new Error(
      `Two secrets of ${keyId} sign until ${isoTime(rotated.until)}. Nothing was changed; with --force the older one ends now.`,
    );
  }
  const until = isoTime(rotated.bothSignUntil);
  return {
    json: { key_id: keyId, owner, webhook_secret: rotated.secret, previous_signs_until: until },
    text: `${rotated.secret}\nThe secret before it signs besides until ${until}.`,
  };
}
