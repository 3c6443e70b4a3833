/** The callback ingress: an HTTP API that sends to SQS without any code, as infra/constructs/http-ingress.ts wires it. */
import type { Clock } from './clock.ts';
import type { Faults } from './faults.ts';
import type { Said } from './provider/provider.ts';
import type { Sent, SimulatedQueue } from './services/queue.ts';
import type { Story } from './story.ts';
import type { Truth } from './truth.ts';

export interface IngressDependencies {
  readonly clock: Clock;
  readonly faults: Faults;
  readonly story: Story;
  readonly truth: Truth;
  readonly callbacks: SimulatedQueue;
}

const ROUTE = /^\/v1\/callbacks\/([^/]+)\/([^/]+)$/;

export class Ingress {
  readonly #dependencies: IngressDependencies;
  #requests = 0;

  constructor(dependencies: IngressDependencies) {
    this.#dependencies = dependencies;
  }

  /** @returns the HTTP status that the sender is answered */
  receive(url: string, body: string, said: Said | undefined): number {
    const { faults, story } = this.#dependencies;
    const [, taskId, signature] = ROUTE.exec(new URL(url).pathname) ?? [];
    if (!taskId || !signature) return 404;
    const nth = ++this.#requests;
    const course = faults.pick(`ingress, request ${nth}`, 'taken', {
      throttled: 0.03,
      'taken, the answer is lost': 0.03,
    });
    story.tell(
      () =>
        `a callback for ${story.nameOf(taskId)}: ${said?.status ?? 'of no use'}, ${course}; ${body.slice(0, 90)}`,
    );
    if (course === 'throttled') return 429;
    const attributes = { taskId, signature };
    const isTaken = this.#send({ body, attributes, group: taskId, deduplication: `request ${nth}` });
    if (!isTaken) return 400;
    if (said?.status) this.#arrives(said, said.status);
    return course === 'taken' ? 200 : 504;
  }

  /** What `check` or `submit` has read and put into the same queue. @param said what each body says */
  noteRead({ attributes, body }: Sent, said: ReadonlyMap<string, Said>): void {
    if (attributes.kind !== 'read') return;
    const text = Buffer.from(String(JSON.parse(body).answer), 'base64').toString();
    const read = said.get(text);
    if (read?.status) this.#arrives(read, read.status);
  }

  #send(sent: Sent): boolean {
    try {
      this.#dependencies.callbacks.send(sent);
      return true;
    } catch {
      // SQS does not take every character.
      return false;
    }
  }

  #arrives({ task, isDoubtful }: Said, status: 'completed' | 'failed'): void {
    const { clock, truth } = this.#dependencies;
    truth.of(task).arrivals.push({ at: clock.now, status, isDoubtful });
  }
}
