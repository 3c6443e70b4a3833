/** A caller: asks for a task, with or without an `Idempotency-Key`, and repeats where it may. */
import type { SubmitInput } from '../../functions/submit/submit.ts';
import { accepted, preview, textToImage } from '../support/requests.ts';
import type { Simulation } from './simulation.ts';
import { termsOf } from './terms.ts';

const SECOND = 1000;
const MOST_REPEATS = 4;
type ProviderName = 'evolink' | 'vtrix';

/** @param name of the task, which its prompt begins with */
export function callFor(simulation: Simulation, name: string): void {
  const { choices, clock } = simulation;
  const provider = choices.pick(`provider of ${name}`, 'evolink', { vtrix: 0.4 });
  const key = choices.pick(`caller of ${name}`, 'has a key', { 'has none': 0.25 });
  const start = choices.pick(`caller of ${name} comes`, 'at once', { 'after 1 s': 0.2, 'after 10 min': 0.1 });
  const wish = choices.pick(`webhook of ${name}`, 'none', { wanted: 0.4 });
  const webhook = wish === 'wanted' ? { callback_url: 'https://caller.example/hook' } : {};
  const { caller } = termsOf(choices);
  const n = { one: 1, two: 2, four: 4 }[choices.pick(`n of ${name}`, 'one', { two: 0.2, four: 0.1 })];
  const inputFor = (prompt: string): SubmitInput => ({
    caller,
    request: accepted({ ...requestFor(provider, prompt, n), ...webhook }),
    idempotencyKey: key === 'has a key' ? `key of ${name}` : undefined,
  });
  const ms = { 'at once': 0, 'after 1 s': SECOND, 'after 10 min': 600 * SECOND }[start];
  clock.after(ms, () => void ask(simulation, name, inputFor(name), 1));
  if (key === 'has none') return;

  const repeats = choices.pick(`caller of ${name} also asks`, 'no more', {
    'at the same time': 0.08,
    'after 3 s': 0.08,
    'after 20 min': 0.04,
    'for something else with the same key': 0.03,
  });
  if (repeats === 'no more') return;
  const later = { 'after 3 s': 3 * SECOND, 'after 20 min': 1200 * SECOND } as Record<string, number>;
  const prompt = repeats === 'for something else with the same key' ? `${name} but other` : name;
  clock.after(ms + (later[repeats] ?? 1), () => void ask(simulation, name, inputFor(prompt), 1));
}

function requestFor(provider: ProviderName, prompt: string, n: number): object {
  return provider === 'vtrix' ? preview({ n }, { prompt }) : textToImage({ prompt, n });
}

async function ask(simulation: Simulation, name: string, input: SubmitInput, nth: number): Promise<void> {
  const { clock, choices, story, functions } = simulation;
  const again = (ms: number) => {
    if (input.idempotencyKey === undefined || nth >= MOST_REPEATS) return;
    const way = choices.pick(`caller of ${name}, repeat ${nth}`, 'alone', { 'twice at once': 0.2 });
    const times = way === 'alone' ? 1 : 2;
    for (let count = 0; count < times; count++)
      clock.after(ms, () => void ask(simulation, name, input, nth + 1));
  };
  simulation.truth.of(name).asked += 1;
  story.tell(() => `a caller asks for ${name}${nth > 1 ? ' again' : ''}`);
  try {
    const { invocation, submitted } = await functions.submit.invoke(input);
    story.tell(() => `the caller of ${name} is answered: ${submitted.kind}`);
    hear(simulation, name, invocation, submitted);
    if (submitted.kind === 'busy') again(submitted.retryAfterSeconds * SECOND);
    if (submitted.kind === 'denied' && submitted.status !== 402)
      again((submitted.retryAfterSeconds ?? 1) * SECOND);
  } catch {
    story.tell(() => `the caller of ${name} is answered: an error`);
    again(2 * SECOND);
  }
}

type Answer = Awaited<ReturnType<Simulation['functions']['submit']['invoke']>>['submitted'];

function hear(
  { oracle, truth, telemetry }: Simulation,
  name: string,
  invocation: string,
  submitted: Answer,
): void {
  if (submitted.kind === 'busy' || submitted.kind === 'refused' || submitted.kind === 'denied')
    oracle.toldNothingCreated(name, invocation);
  if (submitted.kind === 'task') oracle.toldOfTask(name);
  // When neither the table nor the queue took it, it stands in the log and an alarm rings (docs/decisions/acceptances.md).
  const isLost = telemetry.counts.has('AcceptanceLost');
  if (submitted.kind === 'task' && submitted.record.provider_task_id && !isLost)
    truth.of(name).isAcceptanceTold = true;
}
