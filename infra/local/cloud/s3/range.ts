/** The Range header of a GET, as far as S3 knows it: one range of bytes (RFC 9110, section 14). */
import { AwsError } from '../aws/aws-error.ts';

/** The first and the last byte, both included. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * @returns nothing when the whole object is to be sent: without a header, or with one that S3 ignores (several ranges,
 *   other units, a syntax error)
 * @throws AwsError InvalidRange when the range begins behind the object's end
 */
export function parseRange(header: string | undefined, size: number): Range | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  if (first !== '' && last !== '' && Number(first) > Number(last)) return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start > end) {
    throw new AwsError('InvalidRange', 'The requested range is not satisfiable', { status: 416 });
  }
  return { start, end };
}
