// Requests to the DynamoDB server over kept-alive connections.

import { Agent, type IncomingHttpHeaders, request } from 'node:http';

export interface UpstreamAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The server behind the proxy. */
export class Upstream {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #url: URL;

  constructor(url: string) {
    this.#url = new URL(url);
  }

  /** Sends `body` with these headers; a connection that the server has closed meanwhile is replaced once. */
  send(headers: IncomingHttpHeaders, body: Buffer): Promise<UpstreamAnswer> {
    const { hostname, port } = this.#url;
    const { connection: _connection, 'transfer-encoding': _encoding, expect: _expect, ...passed } = headers;
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          ...{ hostname, port, path: '/', method: 'POST', agent: this.#agent },
          headers: { ...passed, 'content-length': body.length },
        },
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
   * Calls one operation, such as `DynamoDB_20120810.CreateTable`.
   * @throws Error with the server's own words when it refuses.
   */
  async call(target: string, input: unknown): Promise<Record<string, unknown>> {
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': target,
      // The server looks for a signature's form only.
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
      'x-amz-date': '20260101T000000Z',
    };
    const { status, body } = await this.send(headers, Buffer.from(JSON.stringify(input)));
    const answer = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
    if (status === 200) return answer;
    throw new Error(`${target}: ${answer.message ?? answer.Message ?? body}`, { cause: answer });
  }

  close(): void {
    this.#agent.destroy();
  }
}
