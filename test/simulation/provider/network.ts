/** The network between a function and the world: takes the place of shared/http/request.ts. */
import {
  type Reply,
  type Request,
  RequestFailure,
  type RequestOptions,
} from '../../../shared/http/request.ts';
import { type ProviderName, providerNames } from '../../../shared/providers/definitions.ts';
import type { Clock } from '../clock.ts';
import type { Faults } from '../faults.ts';
import type { Instance } from '../services/lambda.ts';
import type { Story } from '../story.ts';
import { IMAGES, type ImageHost, type Served } from './image-host.ts';
import type { Exchange, Providers } from './provider.ts';

export interface NetworkDependencies {
  readonly clock: Clock;
  readonly faults: Faults;
  /** Told of every host that nobody may ask. */
  readonly onStranger: (host: string) => void;
  readonly story: Story;
  readonly providers: Providers;
  readonly host: ImageHost;
}

export const baseUrls = Object.fromEntries(providerNames.map((name) => [name, `https://${name}.example`]));

/** Statuses by which a provider that has created nothing says so for certain. */
const isCertainNo = (status: number): boolean =>
  status === 200 || (status >= 400 && status < 500 && status !== 408);

/** @returns what a function that runs in this instance is given as its network */
export function networkOf(dependencies: NetworkDependencies, instance: Instance): Request {
  const { faults, story } = dependencies;
  return (url, options) => {
    const { invocation } = instance;
    const death = faults.pick(`${invocation}, request ${++instance.requests} (${url.host})`, 'answered', {
      'the function dies before': 0.005,
      'the function dies during it': 0.01,
    });
    const mark = death === 'answered' ? '' : `  ✗ ${death}`;
    story.tell(() => `${invocation} → ${options.method ?? 'GET'} ${url.host}${url.pathname}${mark}`);
    return new Promise((resolve, reject) => {
      const settle = (outcome: Reply | RequestFailure) => {
        if (!instance.isAlive) return;
        outcome instanceof RequestFailure ? reject(outcome) : resolve(outcome);
      };
      if (death === 'the function dies before') dependencies.clock.after(1, instance.crash);
      else if (!url.host.endsWith('.example')) dependencies.onStranger(url.host);
      else if (url.host === IMAGES) fetchFrom(dependencies, url, options, settle);
      else carry(dependencies, instance, exchangeOf(dependencies, url, options, invocation), options, settle);
      if (death === 'the function dies during it') dependencies.clock.after(60, instance.crash);
    });
  };
}

type Settle = (outcome: Reply | RequestFailure) => void;

function exchangeOf(
  { providers }: NetworkDependencies,
  url: URL,
  { method, headers, body = '' }: RequestOptions,
  invocation: string,
): Exchange {
  const provider = url.host.replace('.example', '') as ProviderName;
  const key = headers?.authorization?.replace('Bearer ', '') ?? '';
  if (method === 'POST') return providers.create(provider, body, key, invocation);
  return providers.read(provider, decodeURIComponent(url.pathname.split('/').at(-1) ?? ''), key);
}

function carry(
  { clock, story }: NetworkDependencies,
  instance: Instance,
  { arrivesAfter, answersAfter, isRefused, act }: Exchange,
  { timeoutMs }: RequestOptions,
  settle: Settle,
): void {
  const { invocation } = instance;
  if (isRefused) {
    clock.after(5, () => settle(new RequestFailure('ECONNREFUSED', false)));
    return;
  }
  if (arrivesAfter + answersAfter > timeoutMs) {
    clock.after(timeoutMs, () => settle(new RequestFailure('TIMEOUT', true)));
    clock.after(arrivesAfter, act);
    return;
  }
  clock.after(arrivesAfter, () => {
    const { status, text, create } = act();
    clock.after(answersAfter, () => {
      // Only who has heard the answer is certain of anything.
      const isHeard = instance.isAlive && instance.invocation === invocation;
      if (create?.result === 'perhaps' && isHeard && isCertainNo(status)) create.result = 'none';
      story.tell(
        () => `${invocation} ← ${status === 0 ? 'the connection breaks' : `${status} ${text.slice(0, 100)}`}`,
      );
      settle(
        status === 0 ? new RequestFailure('ECONNRESET', true) : reply({ status, body: Buffer.from(text) }),
      );
    });
  });
}

function fetchFrom(
  { clock, host }: NetworkDependencies,
  url: URL,
  { timeoutMs, signal }: RequestOptions,
  settle: Settle,
): void {
  clock.after(5, () => {
    const { ms = 5, ...served } = host.serve(url);
    const late = clock.after(Math.min(ms, timeoutMs), () =>
      settle(ms > timeoutMs ? new RequestFailure('TIMEOUT', true) : reply(served)),
    );
    signal?.addEventListener('abort', () => {
      late.run = undefined;
      settle(new RequestFailure('TIMEOUT', true));
    });
  });
}

const reply = ({ status, headers = {}, body = Buffer.alloc(0) }: Served): Reply => ({
  status,
  headers,
  body,
  whole: true,
});
