/** Requests to AWS on their way: slow, lost, repeated by the SDK, or the last thing that a function did. */
import type { Chances } from '../choices.ts';
import type { Clock } from '../clock.ts';
import type { Faults } from '../faults.ts';
import type { Story } from '../story.ts';
import { Gap } from './gap.ts';
import type { Instance } from './lambda.ts';

export type Service = 'table' | 'queue' | 'bus' | 'bucket' | 'secrets';

export interface RequestsDependencies {
  readonly clock: Clock;
  readonly faults: Faults;
  readonly story: Story;
  readonly isDown: (service: Service) => boolean;
}

/** What becomes of one request, step by step: milliseconds since the step before, and what happens. */
type Step = 'effect' | 'answer' | 'fault' | 'crash';
type Course = readonly (readonly [ms: number, step: Step])[];

const usual = 'answered';
/** The SDK tries three times; a second effect is such a repetition. */
const courses: Readonly<Record<string, Course>> = {
  [usual]: [
    [3, 'effect'],
    [2, 'answer'],
  ],
  'answered late': [
    [50, 'effect'],
    [8000, 'answer'],
  ],
  'late to arrive': [
    [8000, 'effect'],
    [50, 'answer'],
  ],
  'throttled, repeated by the SDK': [
    [900, 'effect'],
    [2, 'answer'],
  ],
  'answer lost, repeated by the SDK': [
    [3, 'effect'],
    [1000, 'effect'],
    [2, 'answer'],
  ],
  'every answer lost': [
    [3, 'effect'],
    [900, 'effect'],
    [900, 'effect'],
    [900, 'fault'],
  ],
  unreachable: [[3000, 'fault']],
  'the function dies before': [[1, 'crash']],
  'the function dies after': [
    [3, 'effect'],
    [1, 'crash'],
  ],
  'the function dies, and it arrives later': [
    [1, 'crash'],
    [4000, 'effect'],
  ],
};

const chances: Chances = {
  'answered late': 0.008,
  'late to arrive': 0.008,
  'throttled, repeated by the SDK': 0.008,
  'answer lost, repeated by the SDK': 0.01,
  'every answer lost': 0.006,
  unreachable: 0.008,
  'the function dies before': 0.006,
  'the function dies after': 0.008,
  'the function dies, and it arrives later': 0.004,
};

/** A service that does not answer, as the SDK reports it after its tries. */
export class ServiceFault extends Error {
  override readonly name = 'TimeoutError';
}

export class Requests {
  readonly #dependencies: RequestsDependencies;

  constructor(dependencies: RequestsDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * @param what in words, for the story
   * @param perform what the service does; what it throws is its answer
   */
  send<T>(instance: Instance, service: Service, what: () => string, perform: () => T): Promise<T> {
    const { faults, story, isDown } = this.#dependencies;
    const { invocation } = instance;
    const name = `${invocation}, request ${++instance.requests} (${service})`;
    const picked = faults.pick(name, usual, chances);
    const course = isDown(service) ? 'unreachable' : picked;
    story.tell(() => `${invocation} → ${service}: ${what()}${course === usual ? '' : `  ✗ ${course}`}`);
    return new Promise((resolve, reject) => {
      this.#follow(instance, courses[course]!, answering(perform, resolve, reject));
    });
  }

  /** A dead function hears nothing more; what it has sent still arrives. */
  #follow(
    instance: Instance,
    [next, ...rest]: Course,
    step: Record<'effect' | 'answer' | 'fault', () => void>,
  ): void {
    if (!next) return;
    const [ms, kind] = next;
    this.#dependencies.clock.after(ms, () => {
      if (kind === 'effect') step.effect();
      else if (instance.isAlive) kind === 'crash' ? instance.crash() : step[kind]();
      this.#follow(instance, rest, step);
    });
  }
}

function answering<T>(perform: () => T, resolve: (value: T) => void, reject: (error: unknown) => void) {
  let answer: () => void = () => reject(new ServiceFault('no answer'));
  return {
    effect: () => {
      try {
        const value = perform();
        answer = () => resolve(value);
      } catch (error) {
        if (error instanceof Gap) throw error;
        answer = () => reject(error);
      }
    },
    answer: () => answer(),
    fault: () => reject(new ServiceFault('the service did not answer')),
  };
}
