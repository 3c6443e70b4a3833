/** The API name of an S3 request, which S3 itself tells from method, path, query and headers. */
import type { IncomingHttpHeaders } from 'node:http';

const OBJECT: Readonly<Record<string, string>> = {
  GET: 'GetObject',
  HEAD: 'HeadObject',
  PUT: 'PutObject',
  DELETE: 'DeleteObject',
};
const BUCKET: Readonly<Record<string, string>> = {
  GET: 'ListObjects',
  HEAD: 'HeadBucket',
  PUT: 'CreateBucket',
  DELETE: 'DeleteBucket',
};

const SUBRESOURCES = ['tagging', 'acl', 'policy', 'lifecycle', 'versioning', 'location'];

/** Such as `PutObject`; a kind that has no name here is called by its method and subresource. */
export function operationOf(
  method: string,
  path: string,
  parameters: URLSearchParams,
  headers: IncomingHttpHeaders,
): string {
  if (path === '/' && method === 'GET') return 'ListBuckets';
  if (parameters.has('uploads') && method === 'POST') return 'CreateMultipartUpload';
  if (parameters.has('uploadId')) return method === 'PUT' ? 'UploadPart' : 'CompleteMultipartUpload';
  if (parameters.has('delete') && method === 'POST') return 'DeleteObjects';
  if (parameters.get('list-type') === '2') return 'ListObjectsV2';
  const subresource = SUBRESOURCES.find((name) => parameters.has(name));
  if (subresource) return `${method}:${subresource}`;
  if (headers['x-amz-copy-source']) return 'CopyObject';
  const hasKey = path.split('/').slice(2).join('/') !== '';
  return (hasKey ? OBJECT[method] : BUCKET[method]) ?? method;
}
