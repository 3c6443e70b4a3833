/** What happens in a run from outside: callers, forgers, operators, outages; drawn from the seed. */
import { rotate } from '../../infra/operations/signing-key-rotation.ts';
import { signer } from '../../shared/security/signer.ts';
import { readSigningKeys, writeSigningKeys } from '../../shared/security/signing-keys.ts';
import { attributesOf } from '../../shared/task/attributes.ts';
import { BUDGET } from '../../shared/usage/rows.ts';
import { callFor } from './caller.ts';
import type { Choices } from './choices.ts';
import type { Faults } from './faults.ts';
import { PUBLIC_URL, secretNames } from './functions.ts';
import { providerKey, signingSecret } from './secrets.ts';
import type { Service } from './services/requests.ts';
import { FORGED, type Simulation } from './simulation.ts';
import { termsOf } from './terms.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const names = ['A', 'B', 'C'];

/** Lays out everything that will happen; the clock does the rest. */
export function schedule(simulation: Simulation): void {
  const { secrets, providers, choices, table } = simulation;
  secrets.values.set(secretNames.signing, JSON.stringify({ id: '1', secret: signingSecret(1) }));
  secrets.values.set(secretNames.taskIds, 'task-id-secret');
  setProviderKey(simulation, 1);
  providers.keys.add(providerKey(1));

  const { caller, budget } = termsOf(choices);
  if (budget)
    table.usage.set(`${caller.owner} ${BUDGET}`, attributesOf({ ...caller, entry: BUDGET, ...budget }));

  const count = { one: 1, two: 2, three: 3 }[choices.pick('tasks', 'one', { two: 0.3, three: 0.2 })];
  for (const name of names.slice(0, count)) {
    callFor(simulation, name);
    forge(simulation, name);
  }
  rotateKeys(simulation);
  for (const service of ['table', 'queue', 'bus', 'bucket'] as const) breakFor(simulation, service);
  deploy(simulation);
  writeForeignRecord(simulation);
}

const setProviderKey = ({ secrets }: Simulation, nth: number): void => {
  secrets.values.set(
    secretNames.providers,
    JSON.stringify({ evolink: providerKey(nth), vtrix: providerKey(nth) }),
  );
};

const moments = {
  'after 1 s': SECOND,
  'after 25 s': 25 * SECOND,
  'after 11 min': 11 * MINUTE,
  'after 3 h': 3 * HOUR,
};
const anyMoment = { 'after 1 s': 0.03, 'after 25 s': 0.03, 'after 11 min': 0.03, 'after 3 h': 0.02 };

/** Calls `act` at a moment that the seed draws, if any. @param from draws it */
function sometime(simulation: Simulation, from: Choices | Faults, what: string, act: () => void): void {
  const { clock, story } = simulation;
  const moment = from.pick(what, 'never', anyMoment);
  if (moment === 'never') return;
  clock.after(moments[moment], () => {
    story.tell(() => `${what}, now`);
    act();
  });
}

function rotateKeys(simulation: Simulation): void {
  const { secrets, providers, clock, choices, ours } = simulation;
  sometime(simulation, choices, 'the signing key is rotated', () => {
    const keys = readSigningKeys(secrets.values.get(secretNames.signing)!);
    const rotated = rotate(keys, signingSecret(2), Math.floor(clock.now / 1000));
    secrets.values.set(secretNames.signing, writeSigningKeys(rotated));
  });
  sometime(simulation, ours, "the providers' keys are rotated", () => {
    const order = choices.pick('the old keys are refused', 'at once', {
      'a minute before': 0.3,
      'an hour after': 0.3,
    });
    providers.keys.add(providerKey(2));
    if (order === 'a minute before') clock.after(MINUTE, () => setProviderKey(simulation, 2));
    else setProviderKey(simulation, 2);
    if (order === 'an hour after') clock.after(HOUR, () => providers.keys.delete(providerKey(1)));
    else providers.keys.delete(providerKey(1));
  });
}

const durations = { 'for 10 s': 10 * SECOND, 'for 20 min': 20 * MINUTE, 'for 2 h': 2 * HOUR };

function breakFor(simulation: Simulation, service: Service): void {
  const { choices, clock, down, ours, story } = simulation;
  sometime(simulation, ours, `the ${service} breaks`, () => {
    const chances = { 'for 20 min': 0.4, ...(service === 'bucket' && { 'for 2 h': 0.3 }) };
    const duration = choices.pick(`the ${service} is broken`, 'for 10 s', chances) as keyof typeof durations;
    down.add(service);
    clock.after(durations[duration], () => {
      story.tell(() => `the ${service} works again`);
      down.delete(service);
    });
  });
}

/** Every function starts afresh, with nothing remembered. */
function deploy(simulation: Simulation): void {
  sometime(simulation, simulation.choices, 'a new version is deployed', () => {
    for (const lambda of Object.values(simulation.functions)) lambda.restart();
  });
}

/** A record that somebody else wrote, of which no event can be made. */
function writeForeignRecord(simulation: Simulation): void {
  const { choices, table, clock } = simulation;
  if (choices.pick('somebody writes a record without dates', 'no', { yes: 0.03 }) === 'no') return;
  clock.after(20, () => {
    const item = {
      id: { S: 'foreign' },
      status: { S: 'pending' },
      provider: { S: 'nobody' },
    };
    table.put(item);
  });
}

/** Somebody who knows a task's id, and perhaps a signature for something else. */
function forge(simulation: Simulation, name: string): void {
  const { choices, clock, truth, ingress, secrets } = simulation;
  const way = choices.pick(`forger of ${name}`, 'nobody', {
    'guesses a signature': 0.03,
    'takes the signature of another task': 0.03,
    "takes an image link's signature": 0.03,
  });
  if (way === 'nobody') return;
  const attack = () => {
    const { id } = truth.of(name);
    if (!id) return;
    const own = signer(readSigningKeys(secrets.values.get(secretNames.signing)!), () => clock.now);
    const signatures = {
      'guesses a signature': `1-${'A'.repeat(43)}`,
      'takes the signature of another task': own.callback(
        id.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
      ),
      "takes an image link's signature": own.imageLink(id, 0, 2_000_000_000).replace(/^\w+-/, ''),
    };
    const results = ['https://images.example/FORGED/0'];
    const body = JSON.stringify({ id: FORGED, status: 'completed', progress: 100, results });
    ingress.receive(`${PUBLIC_URL}/v1/callbacks/${id}/${signatures[way]}`, body, undefined);
  };
  for (const ms of [10, 2 * SECOND, 29 * SECOND]) clock.after(ms, attack);
}
