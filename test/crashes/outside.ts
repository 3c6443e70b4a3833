/** What functions ask outside of AWS, where they can die too: relays before the providers, and the receiver of webhooks. */
import type { ServerResponse } from 'node:http';
import { forEachProvider, type ProviderName, providerNames } from '../../shared/providers/definitions.ts';
import { type Answer, type Seen, serve } from '../support/server.ts';
import type { Watch } from './points.ts';

export class Outside {
  /** Whom the requests are shown from now on. */
  watch: Watch | undefined;
  /** The ids of the webhooks that were taken. */
  readonly webhooks: string[] = [];
  /** Base URLs of the relays. */
  providers = {} as Readonly<Record<ProviderName, string>>;
  receiverUrl = '';
  readonly #closing: (() => Promise<void>)[] = [];

  /** @param standIns base URLs of the stand-in providers */
  static async start(standIns: Readonly<Record<ProviderName, string>>): Promise<Outside> {
    const outside = new Outside();
    const urls = await Promise.all(
      providerNames.map((name) => outside.#serve((seen) => outside.#relay(standIns[name], seen))),
    );
    outside.providers = forEachProvider((name) => urls[providerNames.indexOf(name)]!);
    outside.receiverUrl = await outside.#serve((seen) => outside.#receive(seen));
    return outside;
  }

  async close(): Promise<void> {
    await Promise.all(this.#closing.map((close) => close()));
  }

  async #serve(answer: (seen: Seen) => Answer): Promise<string> {
    const server = await serve(answer);
    this.#closing.push(() => server.close());
    return server.url;
  }

  #receive({ headers }: Seen): Answer {
    const cut = this.watch?.outside('Deliver', 'HTTP.POST');
    if (cut !== 'before') this.webhooks.push(String(headers['webhook-id']));
    return cut ? hangUp : { status: 200 };
  }

  /** Submit creates, check reads. */
  #relay(base: string, { method, path, headers, body }: Seen): Answer {
    return async (response) => {
      const cut = this.watch?.outside(method === 'POST' ? 'Submit' : 'Check', `HTTP.${method}`);
      if (cut === 'before') return hangUp(response);
      const { authorization = '', 'content-type': type = 'application/json' } = headers;
      const answer = await fetch(`${base}${path}`, {
        method,
        headers: { authorization, 'content-type': type },
        ...(method === 'POST' && { body }),
      });
      const text = await answer.text();
      if (cut === 'after') return hangUp(response);
      response
        .writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' })
        .end(text);
    };
  }
}

function hangUp(response: ServerResponse): void {
  response.destroy();
}
