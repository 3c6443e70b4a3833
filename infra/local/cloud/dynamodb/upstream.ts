/** Requests to the DynamoDB server over kept-alive connections. */
import { Agent, type IncomingHttpHeaders, request } from 'node:http';

export interface UpstreamAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An error that the server answered. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  /** Such as `ResourceNotFoundException`. */
  readonly type: string;

  constructor(message: string, type: string) {
    super(message);
    this.type = type;
  }
}

// Servers look at a signature's form only. Some keep the tables of each access key and region apart, so it is one for all.
const SIGNED = {
  authorization:
    'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
  'x-amz-date': '20260101T000000Z',
};

/** The server behind the proxy. */
export class Upstream {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #url: URL;

  constructor(url: string) {
    this.#url = new URL(url);
  }

  /** Sends the JSON of one operation, such as `DynamoDB_20120810.CreateTable`, as it is. */
  send(target: string, body: Buffer): Promise<UpstreamAnswer> {
    const { hostname, port } = this.#url;
    const headers = {
      ...SIGNED,
      'content-type': 'application/x-amz-json-1.0',
      'content-length': body.length,
      'x-amz-target': target,
    };
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { hostname, port, path: '/', method: 'POST', agent: this.#agent, headers },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 502,
              headers: response.headers,
              body: Buffer.concat(chunks),
            }),
          );
          response.on('error', reject);
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  /**
   * Calls one operation.
   * @throws UpstreamError with the server's own message when it refuses.
   */
  async call(target: string, input: unknown): Promise<Record<string, unknown>> {
    const { status, body } = await this.send(target, Buffer.from(JSON.stringify(input)));
    const answer = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
    if (status === 200) return answer;
    const type = String(answer.__type ?? '').replace(/^.*#/, '');
    throw new UpstreamError(`${target}: ${answer.message ?? answer.Message ?? body}`, type);
  }

  close(): void {
    this.#agent.destroy();
  }
}
