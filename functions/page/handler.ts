/** `GET /` and `GET /assets/{name}`: the page, from files that lie beside this bundle. It touches nothing else. */
import { readFileSync } from 'node:fs';
import { variable } from '../../shared/runtime/environment.ts';
import { PAGE_FILES } from './page-file.ts';
import { securityHeaders } from './security-headers.ts';
import { pageServer } from './serve.ts';

const files = JSON.parse(readFileSync(new URL(PAGE_FILES, import.meta.url), 'utf8'));

// The SDK's own variable: where it is set, presigned URLs lead there and not to AWS.
const elsewhere = process.env.AWS_ENDPOINT_URL_S3;
const imageOrigin = elsewhere ? new URL(elsewhere).origin : `https://${variable('IMAGES_HOST')}`;

const serve = pageServer(files, securityHeaders(imageOrigin));

export const handler = async (event: Parameters<typeof serve>[0]) => serve(event);
