/** GET /openapi.json: what callers may ask and are answered; public, and the same for everyone. */
import contract from '../../docs/openapi.json' with { type: 'json' };
import type { HttpEvent, HttpResult } from '../../shared/http/api.ts';
import { answerUnlessKnown, entityTag } from '../../shared/http/entity-tag.ts';

const text = JSON.stringify(contract);
const tag = entityTag(contract);
const headers = { 'cache-control': 'public, max-age=300', 'access-control-allow-origin': '*' };

export const handler = async (event: HttpEvent): Promise<HttpResult> =>
  answerUnlessKnown(event, { tag, headers, text: () => text });
